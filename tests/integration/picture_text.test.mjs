// What the host writes on a view: everybody sees it under the cells, and it outlives mixer and server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { mean, read } from '../support/pattern.mjs';
import { login, rest } from '../support/rest.mjs';
import { System, USER, killHard } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const BESIDE = { x: 0.005, y: 0.94, w: 0.01, h: 0.04 }; // inside the banner, beside its letters
const YELLOW = [187, 62, 155];

let system;
let devices;
let meeting;

before(async () => {
  system = await System.start();
  devices = await system.startDevices([{ records: true }, {}]);
  meeting = await system.openMeeting(devices, { layout: '2x2' });
});
after(() => system?.stop());

const cellOf = async (device) => (await system.seat(meeting, device.code)).cell;
const lastPicture = async () => (await devices[0].recordFor(400)).recording.lastPicture();

function isBanner(picture) {
  const { width: w, height: h } = picture;
  const color = mean(picture, { x: BESIDE.x * w, y: BESIDE.y * h, w: BESIDE.w * w, h: BESIDE.h * h });
  return YELLOW.every((value, i) => Math.abs(color[i] - value) < 20);
}

async function seesBanner(what) {
  await until(what, async () => {
    const picture = await lastPicture();
    return isBanner(picture) && read(picture, await cellOf(devices[1]))?.site === devices[1].index;
  }, { deadlineMs: 15_000 });
}

test('a message makes room for itself and covers no cell', { timeout: 60_000 }, async () => {
  const before = await cellOf(devices[1]);
  await system.admin.request('view.banner', { meeting, banner: 'Phiên họp tạm nghỉ 15 phút', clock: true });
  await until('the cells have moved', async () => {
    const cell = await cellOf(devices[1]);
    return cell.h < before.h && cell.y > 0;
  });
  await seesBanner('the device sees the banner and both cells');
});

test('the message outlives the mixer and the server', { timeout: 60_000 }, async () => {
  const { mixers } = await system.mediaPids();
  await killHard(mixers[meeting]);
  await until('there is another mixer', async () => (await system.mediaPids()).mixers[meeting] !== mixers[meeting]);
  await seesBanner('the banner after the mixer died');
  await system.server.stop();
  await system.startServer();
  const { views } = await system.admin.request('view.list', { meeting });
  assert.deepEqual([views[0].banner, views[0].clock, views[0].show_title], ['Phiên họp tạm nghỉ 15 phút', true, false]);
});

test('a preset keeps it, null takes it down, too much is refused', { timeout: 60_000 }, async () => {
  const cookie = await login(system.base, USER.name, USER.password);
  await rest(system.base, 'PUT', `/api/v1/meetings/${meeting}/preset`, { cookie, body: { preset: 'plenary' } });
  const { views } = await system.admin.request('view.list', { meeting });
  assert.equal(views[0].banner, 'Phiên họp tạm nghỉ 15 phút');
  await assert.rejects(system.admin.request('view.banner', { meeting, banner: 'ộ'.repeat(301) }), { code: 'bad_field' });
  await system.admin.request('view.banner', { meeting, banner: null, clock: false });
  await until('the banner is gone', async () => !isBanner(await lastPicture()), { deadlineMs: 10_000 });
});
