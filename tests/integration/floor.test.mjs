// How a meeting is led: the queue, the floor and the roll on the real system, with real devices pressing their buttons.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { System, killHard } from '../support/system.mjs';
import { until } from '../support/until.mjs';

let system;
let devices;
let meeting;

before(async () => {
  system = await System.start();
  devices = await system.startDevices([{}, {}, { isSilent: true }]); // two have a tone for a voice
  meeting = await system.openMeeting(devices, { layout: '2x2' });
});
after(() => system?.stop());

const ask = (type, fields = {}) => system.admin.request(type, { meeting, ...fields });
const sourceOf = async ({ code }) => (await system.seat(meeting, code)).source;
const state = () => system.meeting(meeting);
const queue = async () => (await state()).hands.map(({ source }) => source);

/** As a button of the box does. */
function press(device, line) {
  appendFileSync(path.join(device.dir, 'buttons'), `${line}\n`, { flag: 'a' });
}

/** The last seat.status the device has written into its log. */
function statusOf(device) {
  const lines = readFileSync(device.log, 'utf8').split('\n').filter((line) => line.includes('seat.status'));
  return Object.fromEntries([...(lines.at(-1) ?? '').matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)]));
}

const knows = (device, wanted) => until(`${device.code} knows ${JSON.stringify(wanted)}`, () => {
  const status = statusOf(device);
  return Object.entries(wanted).every(([name, value]) => status[name] === value);
});

test('hands stand in the order of arrival, and each site knows its place', { timeout: 60_000 }, async () => {
  const [first, second, third] = await Promise.all(devices.map(sourceOf));
  press(devices[2], 'hand');
  await until('it is in the queue', async () => (await queue()).length === 1);
  press(devices[0], 'hand up');
  await until('so is the other', async () => (await queue()).length === 2);
  assert.deepEqual(await queue(), [third, first]);
  await knows(devices[2], { place: 1, waiting: 2 });
  await knows(devices[0], { place: 2, waiting: 2 });
  await knows(devices[1], { place: 0, waiting: 2 });
  await ask('hand.raise', { source: second });
  await ask('hand.move', { source: second, place: 1 });
  assert.deepEqual(await queue(), [second, third, first]);
});

test('the queue, the floor and the time it has used outlive kill -9 of the server', { timeout: 60_000 }, async () => {
  const [first, second, third] = await Promise.all(devices.map(sourceOf));
  await ask('floor.limit', { speaking_limit_s: 300 });
  assert.equal((await ask('floor.next')).source, second);
  const { floor_since_ms: sinceMs } = await state();
  await ask('hand.move', { source: first, place: 1 });
  await killHard(system.server.pid); // at once after the answer
  await system.startServer();
  await system.online(devices);
  await system.joined(meeting, devices);
  const now = await state();
  assert.deepEqual(now.hands.map(({ source }) => source), [first, third]);
  assert.deepEqual([now.floor, now.floor_since_ms, now.speaking_limit_s], [second, sinceMs, 300]);
  await knows(devices[1], { floor: 1, limit_s: 300 });
  await knows(devices[2], { place: 2, waiting: 2, floor: 0 });
});

test('a box that is killed finds its place in the queue again', { timeout: 60_000 }, async () => {
  const device = devices[2];
  await killHard(device.pid);
  await until('it is lost', async () => (await system.seat(meeting, device.code)).state !== 'joined', { deadlineMs: 15_000 });
  await device.start();
  await system.joined(meeting, [device]);
  await knows(device, { place: 2, waiting: 2 });
  press(device, 'hand'); // the same button takes it down
  await until('its hand is down', async () => (await queue()).length === 1);
});

test('who is muted is heard while he has the floor, and no longer', { timeout: 60_000 }, async () => {
  const [first] = devices;
  const muted = async () => (await system.seat(meeting, first.code)).muted;
  await ask('seat.mute_all', { except: [] });
  assert.equal(await muted(), true);
  await ask('meeting.floor', { source: await sourceOf(first) });
  assert.equal(await muted(), false);
  await until('his time is counted', async () => (await system.seat(meeting, first.code)).talk_s >= 5, { deadlineMs: 15_000 });
  await ask('meeting.floor', { source: null });
  assert.equal(await muted(), true);
});

test('the roll is answered by voice and by button, in the order of the directory', { timeout: 60_000 }, async () => {
  const [hall, agriculture, health] = await Promise.all(devices.map(sourceOf));
  const marks = async () => Object.fromEntries((await state()).seats.map(({ source, mark }) => [source, mark]));
  await ask('roll.start');
  // Two speak all the time as soon as they are called; the third has no voice.
  await until('the one without a voice is called', async () => (await state()).roll.source === health, { deadlineMs: 20_000 });
  const called = await marks();
  assert.deepEqual([called[hall].by, called[agriculture].by, called[health]], ['voice', 'voice', null]);
  await knows(devices[2], { called: 1 });
  press(devices[2], 'present');
  await until('the roll is over', async () => (await state()).roll.state === 'done');
  assert.deepEqual((({ mark, by }) => [mark, by])((await marks())[health]), ['present', 'button']);
  await ask('roll.mark', { source: agriculture, mark: 'left_early', reason: '<img onerror> đi công tác' });
  assert.equal((await marks())[agriculture].reason, '<img onerror> đi công tác');
});

test('a note of the chair is shown at the sites it is for, and a site writes back', { timeout: 60_000 }, async () => {
  const [hall, agriculture] = devices;
  const noticed = ({ log }) => readFileSync(log, 'utf8').includes('Đề nghị tắt micro <b>');
  await ask('note.send', { to: { sites: [agriculture.code] }, text: 'Đề nghị tắt micro <b>\ncác điểm' });
  await until('it is shown', () => noticed(agriculture));
  assert.equal(noticed(hall), false);
  press(hall, 'say Không nghe rõ');
  await until('it is answered', async () => (await ask('note.list')).notes.length === 2);
  const { notes } = await ask('note.list');
  assert.deepEqual([notes[1].text, notes[1].source], ['Không nghe rõ', await sourceOf(hall)]);
});
