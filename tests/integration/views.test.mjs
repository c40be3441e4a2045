// Views: each site watches the picture that is meant for it, and moving it needs no new call. Judged by what devices receive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { read } from '../support/pattern.mjs';
import { login, rest } from '../support/rest.mjs';
import { System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const WHOLE = { x: 0, y: 0, w: 1, h: 1 };
const REPORTER = 2; // its pattern fills the view of the hall

let system;
let devices;
let meeting;
let hall;
let agency;

before(async () => {
  system = await System.start();
  devices = await system.startDevices([{ records: true }, { records: true }, {}]);
  meeting = await system.openMeeting(devices, { layout: '2x2' });
  [hall, agency] = devices;
});
after(() => system?.stop());

const seatOf = (device) => system.seat(meeting, device.code);
const lastPicture = async (device) => (await device.recordFor(400)).recording.lastPicture();
const siteIn = async (device, cell) => read(await lastPicture(device), cell)?.site;

/** Waits until `device` sees everybody in the cells of the shared view. */
async function seesTheGrid(device) {
  const cells = [];
  for (const other of devices) {
    cells.push([other.index, (await seatOf(other)).cell]);
  }
  await until(`${device.code} sees the grid`, async () => {
    const picture = await lastPicture(device);
    return cells.every(([index, cell]) => cell && read(picture, cell)?.site === index);
  }, { deadlineMs: 10_000 });
}

test('a site moves to a view of its own while the others go on, without a new call', { timeout: 60_000 }, async () => {
  await seesTheGrid(hall);
  const peer = hall.peer();
  const { view } = await system.admin.request('view.set', {
    meeting, view: { name: 'Hội trường', layout: '1', audience: { sites: [hall.code] }, floor: devices[REPORTER].code },
  });
  assert.equal(view, 1);
  await until('the hall sees the reporter full screen', async () => (await siteIn(hall, WHOLE)) === REPORTER, { deadlineMs: 10_000 });
  assert.equal(hall.peer(), peer, 'it is the same media session');
  const own = await seatOf(hall);
  assert.deepEqual([own.view, own.cell], [1, null], 'the hall is not in its own picture');
  assert.ok((await seatOf(agency)).cell, 'the others watch the grid');
});

test('the views of a meeting outlive the server', { timeout: 60_000 }, async () => {
  const { views } = await system.admin.request('view.list', { meeting });
  await system.server.stop();
  await system.startServer();
  assert.deepEqual((await system.admin.request('view.list', { meeting })).views, views);
  await until('the hall is joined', async () => (await seatOf(hall)).state === 'joined', { deadlineMs: 15_000 });
  await until('the hall still sees the reporter', async () => (await siteIn(hall, WHOLE)) === REPORTER, { deadlineMs: 10_000 });
});

test('a page that asks is told what each site receives', { timeout: 30_000 }, async () => {
  const page = await system.page();
  const { seats } = await page.request('stats.watch', { meeting });
  const { source } = await seatOf(hall);
  const told = seats.find((seat) => seat.source === source)
    ?? (await page.event('stats of the hall', ({ type, seats: some }) => type === 'stats' && some.some((seat) => seat.source === source)))
      .seats.find((seat) => seat.source === source);
  assert.equal(told.view, 1);
  assert.match(told.profile, /GCM/);
  await until('the hall gets a rung of its view', async () => {
    const now = (await page.request('stats.watch', { meeting })).seats.find((seat) => seat.source === source);
    return now.rung >= 8 && now.rung < 16 && now.out_kbps > 0;
  }, { deadlineMs: 10_000 });
  const { text } = await rest(system.base, 'GET', '/metrics');
  assert.match(text, new RegExp(`^diemcau_seat_view\\{meeting="${meeting}",source="${source}",site="${hall.code}"\\} 1$`, 'm'));
});

test('a view is refused with the reason, and the picture stays', { timeout: 30_000 }, async () => {
  const cookie = await login(system.base, USER.name, USER.password);
  const put = (view) => rest(system.base, 'PUT', `/api/v1/meetings/${meeting}/views/1`, { cookie, body: view });
  const cases = [
    [{ layout: 'none', audience: 'chair' }, 404, 'layout'],
    [{ layout: '1' }, 400, 'audience'],
    [{ layout: '1', audience: 'chair', width: 1279 }, 400, 'width'],
    [{ layout: '1', audience: 'tier:planet' }, 404, 'audience'],
  ];
  for (const [view, status, field] of cases) {
    const answer = await put(view);
    assert.deepEqual([answer.status, answer.json.field], [status, field], answer.text);
  }
  assert.equal(await siteIn(hall, WHOLE), REPORTER);
});

test('a removed view gives its audience the picture of all', { timeout: 30_000 }, async () => {
  const cookie = await login(system.base, USER.name, USER.password);
  for (let i = 0; i < 2; i++) {
    assert.equal((await rest(system.base, 'DELETE', `/api/v1/meetings/${meeting}/views/1`, { cookie })).status, 204);
  }
  await until('the hall has a cell again', async () => (await seatOf(hall)).cell);
  await seesTheGrid(hall);
});

test('the example of the configuration: centre, hall and communes see three pictures', { timeout: 30_000 }, async () => {
  const cookie = await login(system.base, USER.name, USER.password);
  const { status, text } = await rest(system.base, 'PUT', `/api/v1/meetings/${meeting}/preset`, { cookie, body: { preset: 'plenary' } });
  assert.equal(status, 204, text);
  const { views, presets } = await system.admin.request('view.list', { meeting });
  assert.deepEqual(views.map(({ id, layout, audience }) => [id, layout, audience]),
    [[0, '1', 'everyone'], [1, '1+1', 'tier:central'], [2, '2+4x4', { sites: ['TG'] }]]);
  assert.ok(presets.some(({ name }) => name === 'plenary'));
  await until('the hall watches its view', async () => (await seatOf(hall)).view === 2);
  assert.equal((await seatOf(agency)).view, 0);
});
