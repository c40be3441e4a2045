// A site whose media takes the mixer down three times is no longer decoded; the others go on, and it can be let in again.
// The crash is a hook of builds with tests (DIEMCAU_TEST_CRASH_SOURCE).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { System } from '../support/system.mjs';
import { sleep, until } from '../support/until.mjs';

const CULPRIT = 2; // the seat of the second device

let system;
let devices;
let meeting;

before(async () => {
  process.env.DIEMCAU_TEST_CRASH_SOURCE = String(CULPRIT);
  system = await System.start({ preset: process.env.DIEMCAU_BUILD ?? 'asan' });
  devices = await system.startDevices([{}, {}, {}]);
});
after(async () => {
  delete process.env.DIEMCAU_TEST_CRASH_SOURCE;
  await system?.stop();
});

const seatOf = (device) => system.seat(meeting, device.code);

test('the third crash quarantines the site, and the others are live', { timeout: 120_000 }, async () => {
  ({ meeting } = await system.admin.request('meeting.open', {
    title: 'Cách ly', sites: devices.map(({ code }) => code), layout: '2x2',
  }));
  await until('the culprit is quarantined', async () => (await seatOf(devices[1])).trouble.includes('quarantined'), { deadlineMs: 60_000 });
  assert.equal((await seatOf(devices[1])).source, CULPRIT);
  await until('the others are live', async () => {
    const [first, , third] = await Promise.all(devices.map(seatOf));
    return first.video === 'live' && third.video === 'live';
  }, { deadlineMs: 30_000 });
  const { mixers } = await system.mediaPids();
  await sleep(5_000);
  assert.deepEqual((await system.mediaPids()).mixers, mixers, 'no mixer has died since');
  assert.equal((await seatOf(devices[1])).video, 'off');
  assert.deepEqual((await seatOf(devices[0])).trouble.filter((name) => name === 'quarantined'), []);
});

test('the quarantine outlives the server and is lifted by hand', { timeout: 60_000 }, async () => {
  const { mixers } = await system.mediaPids();
  await system.server.stop();
  await system.startServer();
  assert.ok((await seatOf(devices[1])).trouble.includes('quarantined'));
  await system.admin.request('seat.release', { meeting, source: CULPRIT });
  await until('its media is decoded again', async () => (await system.mediaPids()).mixers[meeting] !== mixers[meeting], { deadlineMs: 20_000 });
});
