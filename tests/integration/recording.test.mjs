// A real meeting is recorded while its mixer and its server are killed; the finished file is decoded and judged by content.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { flashClip } from '../support/input.mjs';
import { mean, read } from '../support/pattern.mjs';
import { Recording } from '../support/recording.mjs';
import { login, rest } from '../support/rest.mjs';
import { System, USER, killHard } from '../support/system.mjs';
import { standsOutDb, toneHz } from '../support/tone.mjs';
import { sleep, until } from '../support/until.mjs';

const LOUD_DB = 14;
const FLASHING = 2; // index of the device that flashes and beeps

let system;
let devices;
let meeting;
let cookie;
let seats; // as they were shown in the part that is looked at

before(async () => {
  system = await System.start({ settings: { 'recording.reserve_mib': 10 } });
  devices = await system.startDevices([{}, {}, { clip: await flashClip() }]);
  meeting = await system.openMeeting(devices, { layout: '2x2', title: 'Họp thử ghi hình: Đợt 1' });
  cookie = await login(system.base, USER.name, USER.password);
});
after(() => system?.stop());

const start = (fields = {}) => system.admin.request('recording.start', { meeting, ...fields });
const all = async () => (await system.admin.request('recording.list')).recordings;
const get = async (id) => (await all()).find((recording) => recording.id === id);
const folder = (id) => path.join(system.dir, 'data/recordings', String(id));

async function done(id) {
  return until(`recording ${id} is done`, async () => {
    const recording = await get(id);
    return recording.state === 'done' && recording;
  }, { deadlineMs: 15_000 });
}

async function grows(id) {
  const before = await get(id);
  return until(`recording ${id} grows`, async () => {
    const now = await get(id);
    return now.alarm === null && now.bytes > before.bytes + 50_000;
  }, { deadlineMs: 15_000, everyMs: 200 });
}

/** A body as bytes. */
function fetchBytes(target, headers = {}) {
  return new Promise((resolve, reject) => {
    https.get(new URL(target, system.base), { rejectUnauthorized: false, agent: false, headers: { Cookie: cookie, ...headers } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

const cellOf = (index) => seats.find(({ site }) => site === devices[index].code).cell;

/** The sites are in their cells, and their tones are in the sound, in [fromMs, fromMs + 600]. */
async function isRight(recording, fromMs) {
  const pictures = await recording.pictures(fromMs, fromMs + 200);
  const { picture } = pictures[pictures.length - 1];
  for (const index of [0, 1]) {
    assert.equal(read(picture, cellOf(index))?.site, devices[index].index, `cell of ${devices[index].code} at ${fromMs} ms`);
  }
  // A beep of the third site may lie in one of them.
  const sounds = await Promise.all([0, 400, 800].map((ms) => recording.sound(fromMs - ms, fromMs - ms + 600)));
  for (const index of [0, 1]) {
    const standing = Math.max(...sounds.map((sound) => standsOutDb(sound.subarray(0, 28_800), toneHz(devices[index].index))));
    assert.ok(standing > LOUD_DB, `tone of ${devices[index].code} at ${fromMs} ms stands out by ${standing.toFixed(1)} dB`);
  }
}

/** Times at which a series goes over its threshold. */
const onsets = (series, isOn) => series.filter(({ value }, i) => i > 0 && isOn(value) && !isOn(series[i - 1].value)).map(({ timeMs }) => timeMs);

/** How much later than its flash each beep is, in ms. */
async function offsets(recording, fromMs, toMs) {
  const cell = cellOf(FLASHING);
  const luma = (await recording.pictures(fromMs, toMs)).map(({ timeMs, picture }) => ({
    timeMs,
    value: mean(picture, {
      x: (cell.x + cell.w * 0.3) * picture.width, y: (cell.y + cell.h * 0.2) * picture.height,
      w: cell.w * 0.4 * picture.width, h: cell.h * 0.3 * picture.height,
    })[0],
  }));
  const sound = await recording.sound(fromMs, toMs);
  const level = [];
  const step = 480; // 10 ms
  for (let i = 0; i + 960 <= sound.length; i += step) {
    level.push({ timeMs: fromMs + i / 48, value: standsBy1000(sound.subarray(i, i + 960)) });
  }
  const flashes = onsets(luma, (value) => value > 130);
  const beeps = onsets(level, (value) => value > 0.05);
  return flashes.map((flash) => beeps.map((beep) => beep - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0]).filter((ms) => ms !== undefined && Math.abs(ms) < 600);
}

/** Amplitude at 1000 Hz. */
function standsBy1000(samples) {
  let [re, im] = [0, 0];
  samples.forEach((value, i) => {
    re += value * Math.cos((2 * Math.PI * 1000 * i) / 48_000);
    im += value * Math.sin((2 * Math.PI * 1000 * i) / 48_000);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

test('a meeting is recorded over the death of its mixer and of its server, into one file', { timeout: 120_000 }, async (t) => {
  const beginMs = performance.now();
  const { recording: id } = await start();
  await assert.rejects(start(), /conflict|already/);
  await grows(id);
  assert.equal((await system.meeting(meeting)).recording, true);
  await sleep(5_000);
  ({ seats } = await system.meeting(meeting));
  const { mixers } = await system.mediaPids();
  const killedMs = performance.now() - beginMs;
  await killHard(mixers[meeting]);
  assert.ok(readdirSync(folder(id)).includes('000001.webm'));
  const cut = new Recording(path.join(folder(id), '000001.webm'));
  t.diagnostic(`on the disk when killed: ${Math.round(killedMs - cut.endMs)} ms less than was recorded`);
  assert.ok(killedMs - cut.endMs < 2_000, `${killedMs - cut.endMs} ms are lost`);
  await grows(id);
  await sleep(3_000);

  await killHard(system.server.pid);
  system.admin.close();
  await sleep(1_500);
  await system.startServer();
  await until('the mixer is adopted', async () => (await system.meeting(meeting)).mixer === 'up');
  await grows(id);
  assert.deepEqual((await system.meeting(meeting)).recordings.map((recording) => recording.id), [id]);
  await sleep(2_000);

  const seatsBefore = seats;
  ({ seats } = await system.meeting(meeting));
  const spanMs = performance.now() - beginMs;
  await system.admin.request('recording.stop', { recording: id });
  const finished = await done(id);
  const file = path.join(folder(id), 'recording.webm');
  assert.deepEqual(readdirSync(folder(id)), ['recording.webm']);
  t.diagnostic(JSON.stringify(finished));
  assert.ok(Math.abs(finished.duration_ms - spanMs) < 1_500, `${finished.duration_ms} of ${spanMs} ms`);
  assert.ok(finished.gap_ms < 5_000, `a gap of ${finished.gap_ms} ms`);

  const recording = new Recording(file);
  const pictureGapMs = recording.longestGapMs('video');
  assert.ok(pictureGapMs > finished.gap_ms - 200 && pictureGapMs < 5_000, `the picture stands still for ${pictureGapMs} ms`);
  assert.ok(recording.longestGapMs('audio') <= 31, `sound pauses for ${recording.longestGapMs('audio')} ms`);
  await isRight(recording, finished.duration_ms - 1_500);
  const last = await offsets(recording, finished.duration_ms - 6_000, finished.duration_ms - 200);
  seats = seatsBefore;
  await isRight(recording, 3_000);
  const first = await offsets(recording, 1_000, killedMs - 1_500);
  t.diagnostic(`beep after flash, ms: before the gap ${first.map(Math.round)}; after it ${last.map(Math.round)}`);
  assert.ok(first.length >= 1 && last.length >= 1, 'there are flashes and beeps');
  for (const part of [first, last]) {
    // A picture every 40 ms cannot tell a flash better than that: the middle one counts.
    const middle = [...part].sort((a, b) => a - b)[part.length >> 1];
    assert.ok(Math.abs(middle) <= 40, `${middle} ms`);
    assert.ok(part.every((offset) => Math.abs(offset) <= 80), `${part}`);
  }
});

test('what GStreamer reads of the finished file has its duration and can be sought', { timeout: 60_000 }, async (t) => {
  const [{ id, duration_ms: durationMs }] = await all();
  const out = execFileSync('gst-discoverer-1.0', ['-v', path.join(folder(id), 'recording.webm')], { encoding: 'utf8' });
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(out);
  const seen = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  t.diagnostic(out.split('\n').slice(0, 12).join(' | '));
  assert.ok(Math.abs(seen - durationMs) <= 40, `${seen} ms`);
  assert.match(out, /Seekable: yes/);
});

test('the file is served whole and in parts, to those who may, under its name', { timeout: 30_000 }, async () => {
  const [{ id, bytes }] = await all();
  const file = readFileSync(path.join(folder(id), 'recording.webm'));
  const whole = await fetchBytes(`/api/v1/recordings/${id}/file`);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers['accept-ranges'], 'bytes');
  assert.equal(whole.headers['content-type'], 'video/webm');
  assert.ok(whole.body.equals(file), `${whole.body.length} of ${bytes} bytes`);
  const [from, to] = [bytes >> 2, bytes >> 1];
  const part = await fetchBytes(`/api/v1/recordings/${id}/file`, { Range: `bytes=${from}-${to - 1}` });
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes ${from}-${to - 1}/${bytes}`);
  assert.ok(part.body.equals(file.subarray(from, to)));
  const outside = await fetchBytes(`/api/v1/recordings/${id}/file`, { Range: `bytes=${bytes}-` });
  assert.equal(outside.status, 416);
  const named = await fetchBytes(`/api/v1/recordings/${id}/download`);
  assert.match(named.headers['content-disposition'], /^attachment; filename="Hop thu ghi hinh- Dot 1 .*\.webm"; filename\*=UTF-8''H%E1%BB%8Dp/);
  const nobody = await rest(system.base, 'GET', `/api/v1/recordings/${id}/file`);
  assert.equal(nobody.status, 401);
  await system.admin.request('user.add', { name: 'kythuat', password: 'mật khẩu thử 2', role: 'technician' });
  const technician = await login(system.base, 'kythuat', 'mật khẩu thử 2');
  const other = await rest(system.base, 'GET', `/api/v1/recordings/${id}/file`, { cookie: technician });
  assert.equal(other.status, 403);
});

test('REST starts, stops and deletes', { timeout: 40_000 }, async () => {
  const made = await rest(system.base, 'POST', `/api/v1/meetings/${meeting}/recordings`, { cookie, body: {} });
  assert.equal(made.status, 201, made.text);
  const { recording: id } = made.json;
  assert.equal(made.headers.location, `/api/v1/recordings/${id}`);
  await grows(id);
  const early = await rest(system.base, 'DELETE', `/api/v1/recordings/${id}`, { cookie });
  assert.equal(early.status, 409);
  const stopped = await rest(system.base, 'POST', `/api/v1/recordings/${id}/stop`, { cookie, body: {} });
  assert.equal(stopped.status, 204);
  await done(id);
  const deleted = await rest(system.base, 'DELETE', `/api/v1/recordings/${id}`, { cookie });
  assert.equal(deleted.status, 204);
  assert.equal(await get(id), undefined);
  await until('its files are gone', () => !existsSync(folder(id)) && !existsSync(`${folder(id)}.deleted`));
});

test('what a power cut left behind is finished at the next start, and recording goes on', { timeout: 60_000 }, async () => {
  const { recording: id } = await start();
  await grows(id);
  await sleep(2_500);
  const { mixers } = await system.mediaPids();
  await killHard(system.server.pid);
  await killHard(mixers[meeting]);
  system.admin.close();
  // Another boot: the row says so, and the fragment ends in the middle of a cluster.
  const database = path.join(system.dir, 'data/diemcau.db');
  execFileSync('python3', ['-c', 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute("UPDATE recordings SET boot=\'another\' WHERE id=?",(sys.argv[2],)); c.commit()', database, String(id)]);
  const fragment = path.join(folder(id), '000001.webm');
  const bytes = readFileSync(fragment);
  writeFileSync(fragment, bytes.subarray(0, bytes.length - 1_000));
  await system.startServer();
  const finished = await done(id);
  assert.equal(finished.reason, 'restart');
  assert.ok(finished.duration_ms > 500);
  const next = await until('a new recording is on', async () => (await all()).find(({ state }) => state === 'recording'), { deadlineMs: 10_000 });
  assert.notEqual(next.id, id);
  await grows(next.id);
  await system.admin.request('recording.stop', { recording: next.id });
  await done(next.id);
});

test('the command line starts, lists, stops and deletes', { timeout: 40_000 }, async () => {
  await system.ctl(['recording', 'start', String(meeting)]);
  const [{ id }] = await all();
  await grows(id);
  await system.ctl(['recording', 'stop', String(id)]);
  await done(id);
  const { json } = await system.ctl(['recording', 'list']);
  assert.equal(json.recordings[0].id, id);
  await system.ctl(['recording', 'delete', String(id)]);
  assert.equal(await get(id), undefined);
  await system.ctl(['recording', 'delete', String(id)], { fails: true });
});

test('the end of the meeting finishes its recording', { timeout: 40_000 }, async () => {
  const { recording: id } = await start();
  await grows(id);
  await system.admin.request('meeting.close', { meeting });
  const finished = await done(id);
  assert.equal(finished.reason, 'closed');
});

test('a disk at its reserve stops the recording with an alarm, and the meeting goes on', { timeout: 60_000, skip: process.getuid() !== 0 && 'needs root: it mounts a small file system' }, async () => {
  const disk = path.join(system.dir, 'small');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'diemcau-test', disk]);
  const small = await System.start({ settings: { 'recording.reserve_mib': 1, 'recording.directory': disk } });
  try {
    const two = await small.startDevices([{}, {}]);
    const id = await small.openMeeting(two, { layout: '2x2' });
    const { recording } = await small.admin.request('recording.start', { meeting: id });
    const leave = (bytes) => {
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(path.join(disk, 'filler'), Buffer.alloc(bavail * bsize - bytes));
    };
    leave(1_400_000);
    const alarmed = await until('the alarm', async () => {
      const [now] = (await small.meeting(id)).recordings;
      return now.alarm === 'full' && now;
    }, { deadlineMs: 30_000 });
    assert.equal(alarmed.id, recording);
    await small.joined(id, two, 1_000);
    const metrics = await rest(small.base, 'GET', '/metrics');
    assert.match(metrics.text, /diemcau_recordings_in_alarm 1\n/);
    assert.match(metrics.text, /diemcau_recording_bytes_total [1-9]/);
    execFileSync('rm', [path.join(disk, 'filler')]);
    await until('it goes on by itself', async () => (await small.meeting(id)).recordings[0].alarm === null, { deadlineMs: 15_000 });
    leave(1_000_000);
    await small.admin.request('recording.stop', { recording });
    await until('it is done', async () => (await small.admin.request('recording.list')).recordings[0].state === 'done');
    await assert.rejects(small.admin.request('recording.start', { meeting: id }), /free/);
  } finally {
    await small.stop().finally(() => execFileSync('umount', ['-l', disk]));
  }
});
