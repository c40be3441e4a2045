// Picture and sound of a meeting of eight real devices, read from what the devices receive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { framesBetween, read } from '../support/pattern.mjs';
import { System, killHard } from '../support/system.mjs';
import { rmsDb, standsOutDb, toneDb, toneHz } from '../support/tone.mjs';
import { until } from '../support/until.mjs';

const SPEAKERS = 5; // fewer than the six voices that are mixed at once
const SITES = 8;

let system;
let devices;
let meeting;

before(async () => {
  system = await System.start();
  devices = await system.startDevices(
    Array.from({ length: SITES }, (_, i) => ({ isSilent: i >= SPEAKERS, records: true })),
  );
  meeting = await system.openMeeting(devices);
});
after(() => system?.stop());

const seats = async () => (await system.meeting(meeting)).seats;
const indexOf = (code) => devices.find((device) => device.code === code).index;

/** What each device sees in each cell at the end of its recording: [{viewer, site, seen}]. */
async function cellsSeenBy(viewers) {
  const all = await seats();
  const seen = await Promise.all(viewers.map(async (device) => {
    const { recording } = await device.recordFor(400);
    const picture = await recording.lastPicture();
    return all.map(({ site, cell }) => ({ viewer: device.code, site, seen: read(picture, cell) }));
  }));
  return seen.flat();
}

const isRight = ({ site, seen }) => seen?.site === indexOf(site);
const told = (cells) => cells.map(({ viewer, site, seen }) => `${viewer} sees ${seen ? `pattern ${seen.site}` : 'no pattern'} in the cell of ${site} (${indexOf(site)})`).join('; ');

/** A tone that stands out less than this is not there; one that is there stands out more than LOUD_DB. */
const ABSENT_DB = 10;
const LOUD_DB = 14;
/** Where the noise that Opus makes of four loud tones may reach, against them. What is below is judged by ABSENT_DB. */
const NOISE_DB = -30;

/** What was under way when something changed is over by then. */
const SETTLE_MS = 400;

/** The speakers' tones in what `device` hears now: levels in dBFS, and how far each stands out. */
async function tonesHeardBy(device, ms = 1_000) {
  const { recording, fromMs } = await device.recordFor(SETTLE_MS + ms + 100);
  const sound = await recording.sound(fromMs + SETTLE_MS, fromMs + SETTLE_MS + ms);
  const tones = Array.from({ length: SPEAKERS }, (_, i) => toneHz(i));
  return {
    levels: tones.map((hz) => toneDb(sound, hz)),
    standing: tones.map((hz) => standsOutDb(sound, hz)),
    rms: rmsDb(sound),
  };
}

test('every cell shows its own site to everybody', { timeout: 60_000 }, async () => {
  await until('all cells are right', async () => {
    const cells = await cellsSeenBy([devices[0]]);
    const wrong = cells.filter((cell) => !isRight(cell));
    if (wrong.length > 0) {
      throw new Error(told(wrong));
    }
    return true;
  }, { deadlineMs: 10_000 });
  const cells = await cellsSeenBy(devices);
  assert.equal(cells.length, SITES * SITES);
  assert.equal(cells.filter(isRight).length, cells.length, told(cells.filter((cell) => !isRight(cell))));
});

test('every cell is live: its frames go on at the pace of the clock', { timeout: 60_000 }, async (t) => {
  const { recording, fromMs } = await devices[0].recordFor(1_500);
  const pictures = await recording.pictures(fromMs, fromMs + 1_400);
  const fps = (pictures.length - 1) / ((pictures[pictures.length - 1].timeMs - pictures[0].timeMs) / 1_000);
  t.diagnostic(`${fps.toFixed(1)} pictures a second, ${pictures[0].picture.width}x${pictures[0].picture.height}`);
  assert.ok(fps > 20, `${fps} fps`);
  for (const { site, cell } of await seats()) {
    const first = read(pictures[0].picture, cell);
    const last = read(pictures[pictures.length - 1].picture, cell);
    const spanMs = pictures[pictures.length - 1].timeMs - pictures[0].timeMs;
    const frames = framesBetween(first.frame, last.frame);
    const due = (spanMs / 1_000) * 25;
    assert.ok(Math.abs(frames - due) <= 8, `${site} went on by ${frames} frames, not ${due}`);
  }
});

test('every site hears the others and not itself', { timeout: 60_000 }, async (t) => {
  const heard = await Promise.all(devices.map((device) => tonesHeardBy(device)));
  let ownMax = -Infinity;
  let spread = 0;
  heard.forEach(({ levels, standing }, listener) => {
    const others = levels.filter((_, speaker) => speaker !== listener);
    spread = Math.max(spread, Math.max(...others) - Math.min(...others));
    assert.ok(Math.min(...others) > -40, `${devices[listener].code} hears tones at ${levels.map(Math.round)} dB`);
    const present = standing.filter((_, speaker) => speaker !== listener);
    assert.ok(Math.min(...present) > LOUD_DB, `${devices[listener].code}: tones stand out by ${standing.map(Math.round)} dB`);
    if (listener < SPEAKERS) {
      const own = levels[listener] - Math.max(...others);
      ownMax = Math.max(ownMax, own);
      assert.ok(own <= NOISE_DB, `${devices[listener].code} hears itself at ${own.toFixed(1)} dB against the others`);
      assert.ok(standing[listener] <= ABSENT_DB, `${devices[listener].code}: its own tone stands out by ${standing[listener].toFixed(1)} dB`);
    }
  });
  t.diagnostic(`own tone at most ${ownMax.toFixed(1)} dB against the others, the others within ${spread.toFixed(1)} dB`);
});

test('a muted site is silent for everybody, its picture stays, and it may be heard again', { timeout: 60_000 }, async (t) => {
  const [, muted] = devices;
  const { source } = await system.seat(meeting, muted.code);
  await system.admin.request('seat.mute', { meeting, source, muted: true });
  const heard = await Promise.all([devices[0], devices[7]].map((device) => tonesHeardBy(device)));
  for (const { levels, standing } of heard) {
    assert.ok(levels[muted.index] - levels[2] <= NOISE_DB, `muted, and heard at ${levels.map(Math.round)} dB`);
    assert.ok(standing[muted.index] <= ABSENT_DB, `muted, and stands out by ${standing.map(Math.round)} dB`);
  }
  t.diagnostic(`muted tone at ${(heard[1].levels[muted.index] - heard[1].levels[2]).toFixed(1)} dB against another`);
  const cells = (await cellsSeenBy([devices[7]])).filter(({ site }) => site === muted.code);
  assert.ok(isRight(cells[0]), told(cells));
  await system.admin.request('seat.mute', { meeting, source, muted: false });
  await until('it is heard again', async () => (await tonesHeardBy(devices[7], 400)).levels[muted.index] > -40);
});

test('a muted site stays muted after its device is killed and comes back to its seat and cell', { timeout: 90_000 }, async (t) => {
  const [, , killed] = devices;
  const before = await system.seat(meeting, killed.code);
  await system.admin.request('seat.mute', { meeting, source: before.source, muted: true });
  await killHard(killed.pid);
  await until('the seat is lost', async () => (await system.seat(meeting, killed.code)).state !== 'joined', { deadlineMs: 30_000 });
  const startMs = performance.now();
  await killed.start();
  await system.joined(meeting, [killed]);
  t.diagnostic(`joined and live ${Math.round(performance.now() - startMs)} ms after its start`);
  const now = await system.seat(meeting, killed.code);
  assert.deepEqual([now.source, now.muted, now.cell], [before.source, true, before.cell]);
  const { levels, standing } = await tonesHeardBy(devices[7]);
  assert.ok(levels[killed.index] - levels[0] <= NOISE_DB, `muted, and heard at ${levels.map(Math.round)} dB`);
  assert.ok(standing[killed.index] <= ABSENT_DB, `muted, and stands out by ${standing.map(Math.round)} dB`);
  assert.ok(isRight((await cellsSeenBy([devices[7]])).find(({ site }) => site === killed.code)));
  await system.admin.request('seat.mute', { meeting, source: before.source, muted: false });
  await until('it is heard again', async () => (await tonesHeardBy(devices[7], 400)).levels[killed.index] > -40);
});

test('a site made big fills the big cell, and the others stay right', { timeout: 60_000 }, async () => {
  const big = devices[4];
  const { source } = await system.seat(meeting, big.code);
  await system.admin.request('meeting.spotlight', { meeting, source });
  await until('its cell is big', async () => (await system.seat(meeting, big.code)).cell?.w > 0.5);
  await until('the picture shows it', async () => {
    const cells = (await cellsSeenBy([devices[6]])).filter(({ site }) => site !== null);
    return cells.every(isRight);
  });
  await system.admin.request('meeting.spotlight', { meeting, source: null });
  await until('its cell is small again', async () => (await system.seat(meeting, big.code)).cell?.w < 0.5);
});

test('a site of one meeting that is chosen in a second one is busy there', { timeout: 30_000 }, async () => {
  const { meeting: second } = await system.admin.request('meeting.open', { title: 'Họp thứ hai', sites: [devices[3].code, 'TP'] });
  const { seats: there } = await system.meeting(second);
  assert.deepEqual(there.map(({ site, state, reason }) => [site, state, reason]),
    [[devices[3].code, 'missing', 'busy'], ['TP', 'missing', 'offline']]);
  assert.equal((await system.seat(meeting, devices[3].code)).state, 'joined');
  await system.admin.request('meeting.close', { meeting: second });
  await until('the mixer of the second meeting is gone', async () => (await system.status()).mixers.length === 1);
});

test('a closed meeting lets everybody go, and the mixer with it', { timeout: 30_000 }, async () => {
  const { mixers } = await system.mediaPids();
  await system.admin.request('meeting.close', { meeting });
  assert.equal(await system.meeting(meeting), undefined);
  await until('the mixer ends', async () => Object.keys((await system.mediaPids()).mixers).length === 0);
  assert.ok(Object.keys(mixers).length === 1);
  meeting = await system.openMeeting(devices.slice(0, 2));
});
