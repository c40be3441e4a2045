// Killing things in a running meeting: what must come back, how fast, and what nobody may notice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { read } from '../support/pattern.mjs';
import { System, killHard, signal } from '../support/system.mjs';
import { rmsDb } from '../support/tone.mjs';
import { sleep, until } from '../support/until.mjs';

const SITES = 3;

let system;
let devices;
let meeting;

before(async () => {
  system = await System.start();
  devices = await system.startDevices(Array.from({ length: SITES }, () => ({ records: true })));
  meeting = await system.openMeeting(devices, { layout: '2x2' });
  await until('all see and hear all', () => isAllRight(0));
});
after(() => system?.stop());

/** Do pictures after `sinceMs` of `viewer`'s recording show every site in its cell, with sound? */
async function seesAndHears(viewer, sinceMs, seats) {
  const recording = viewer.recording();
  if (recording.endMs < sinceMs + 300) {
    return false;
  }
  const pictures = await recording.pictures(Math.max(sinceMs, recording.endMs - 200));
  const last = pictures[pictures.length - 1]?.picture;
  const isSeen = last && seats.every(({ site, cell }) => cell && read(last, cell)?.site === devices.find(({ code }) => code === site).index);
  return isSeen && rmsDb(await recording.sound(recording.endMs - 150)) > -40;
}

async function isAllRight(sinceMs) {
  const { seats } = await system.meeting(meeting);
  const right = await Promise.all(devices.map((device) => seesAndHears(device, sinceMs, seats)));
  return right.every(Boolean);
}

/** Times from now until every device has new pictures of all sites and sound. */
async function timeToReturn(what, deadlineMs) {
  const startMs = performance.now();
  const sinceMs = new Map(devices.map((device) => [device, device.recording().endMs]));
  const back = await Promise.all(devices.map(async (device) => {
    // Frames that were under way when it happened do not count: the gap must have begun first.
    await until(`${what}: ${device.code} sees and hears again`, async () => {
      const { seats } = await system.meeting(meeting);
      return seesAndHears(device, sinceMs.get(device) + 250, seats);
    }, { deadlineMs, everyMs: 40 });
    return Math.round(performance.now() - startMs);
  }));
  return Math.max(...back);
}

/** The media session of each device: one that joins again gets another. */
const peers = () => devices.map((device) => device.peer());

test('the mixer is killed: picture and sound are back within 3 s, and no device joins again', { timeout: 30_000 }, async (t) => {
  const before = peers();
  const { mixers } = await system.mediaPids();
  await killHard(mixers[meeting]);
  const backMs = await timeToReturn('mixer killed', 15_000);
  t.diagnostic(`mixer_respawn_ms ${backMs}`);
  assert.ok(backMs <= 3_000, `${backMs} ms`);
  assert.deepEqual(peers(), before);
  assert.notEqual((await system.mediaPids()).mixers[meeting], mixers[meeting]);
});

test('the mixer hangs: it is replaced within 5 s, and no device joins again', { timeout: 30_000 }, async (t) => {
  const before = peers();
  const { mixers } = await system.mediaPids();
  signal(mixers[meeting], 'SIGSTOP');
  const backMs = await timeToReturn('mixer stopped', 15_000);
  t.diagnostic(`mixer_hung_ms ${backMs}`);
  assert.ok(backMs <= 5_000, `${backMs} ms`);
  assert.deepEqual(peers(), before);
});

test('the relay is killed: picture and sound are back within 5 s in the same seats', { timeout: 30_000 }, async (t) => {
  const seats = (await system.meeting(meeting)).seats.map(({ source, site, cell }) => ({ source, site, cell }));
  const { relay } = await system.mediaPids();
  await killHard(relay);
  const backMs = await timeToReturn('relay killed', 20_000);
  t.diagnostic(`relay_respawn_ms ${backMs}`);
  assert.ok(backMs <= 5_000, `${backMs} ms`);
  assert.deepEqual((await system.meeting(meeting)).seats.map(({ source, site, cell }) => ({ source, site, cell })), seats);
});

test('the server is killed and started: media goes on as if nothing was', { timeout: 60_000 }, async (t) => {
  const before = peers();
  const pids = await system.mediaPids();
  const [muted] = devices;
  await system.admin.request('seat.mute', { meeting, source: (await system.seat(meeting, muted.code)).source, muted: true });
  const seats = (await system.meeting(meeting)).seats.map(({ source, site, cell, muted: isMuted }) => ({ source, site, cell, isMuted }));
  const watches = devices.map((device) => device.watchGaps());
  await killHard(system.server.pid);
  await sleep(1_000); // a time without a server is what is tested
  await system.startServer();
  await system.online(devices);
  await system.joined(meeting, devices);
  await Promise.all(devices.map((device) => device.recordFor(500)));
  assert.deepEqual(await system.mediaPids(), pids, 'relay and mixer are the same processes');
  assert.deepEqual(peers(), before, 'no device has joined again');
  const gaps = watches.map((watch) => watch());
  t.diagnostic(`longest gaps ${gaps.map(({ videoMs, audioMs }) => `video ${videoMs} ms, audio ${audioMs} ms`).join('; ')}`);
  assert.ok(gaps.every(({ videoMs, audioMs }) => videoMs <= 200 && audioMs <= 200), JSON.stringify(gaps));
  assert.deepEqual((await system.meeting(meeting)).seats.map(({ source, site, cell, muted: isMuted }) => ({ source, site, cell, isMuted })), seats);
  await system.admin.request('seat.mute', { meeting, source: seats[0].source, muted: false });
});

test('a device is killed and started: it is back by itself in its seat and cell', { timeout: 60_000 }, async (t) => {
  const [, device] = devices;
  const seat = await system.seat(meeting, device.code);
  await killHard(device.pid);
  const startMs = performance.now();
  await device.start();
  await until('it is joined and live', async () => {
    const now = await system.seat(meeting, device.code);
    return now.state === 'joined' && now.video === 'live' && now.cell;
  });
  t.diagnostic(`device_rejoin_ms ${Math.round(performance.now() - startMs)}`);
  const now = await system.seat(meeting, device.code);
  assert.deepEqual([now.source, now.cell], [seat.source, seat.cell]);
  await until('all see and hear all', () => isAllRight(0));
});

test('all devices are killed at once and all are back', { timeout: 60_000 }, async (t) => {
  const seats = (await system.meeting(meeting)).seats.map(({ source, site }) => ({ source, site }));
  await Promise.all(devices.map((device) => killHard(device.pid)));
  const startMs = performance.now();
  await Promise.all(devices.map((device) => device.start()));
  await until('all see and hear all', () => isAllRight(0), { deadlineMs: 30_000, everyMs: 200 });
  t.diagnostic(`all back after ${Math.round(performance.now() - startMs)} ms`);
  assert.deepEqual((await system.meeting(meeting)).seats.map(({ source, site }) => ({ source, site })), seats);
});

test('a hard mute is heard within 200 ms, whatever the device does', { timeout: 60_000 }, async (t) => {
  const [speaker, listener] = devices;
  const { source } = await system.seat(meeting, speaker.code);
  await system.admin.request('seat.mute_all', { meeting, except: [source] });
  await until('only one is heard', async () => {
    const { recording, fromMs } = await listener.recordFor(500);
    return rmsDb(await recording.sound(fromMs + 300)) > -40;
  });
  const delays = [];
  for (let round = 0; round < 3; round++) {
    await listener.recordFor(300);
    await system.admin.request('seat.mute', { meeting, source, muted: true });
    // What is in the file now was received before the answer; the rest came after.
    const okMs = listener.recording().endMs;
    await listener.recordFor(700);
    delays.push(await silentFrom(listener.recording(), okMs));
    await system.admin.request('seat.mute', { meeting, source, muted: false });
    await until('it is heard again', async () => {
      const { recording, fromMs } = await listener.recordFor(300);
      return rmsDb(await recording.sound(fromMs + 100)) > -40;
    });
  }
  t.diagnostic(`mute_ms ${delays.join(', ')}`);
  assert.ok(Math.max(...delays) <= 200, `${delays} ms`);
});

/** Milliseconds from `fromMs` of a recording until its sound is silence and stays so. */
async function silentFrom(recording, fromMs) {
  const sound = await recording.sound(fromMs);
  const window = 480; // 10 ms
  let loudMs = 0;
  for (let at = 0; at + window <= sound.length; at += window) {
    if (rmsDb(sound.subarray(at, at + window)) > -50) {
      loudMs = (at + window) / 48;
    }
  }
  return Math.round(loudMs);
}
