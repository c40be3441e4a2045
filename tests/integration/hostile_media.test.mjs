// Datagrams of a stranger at the media port: counted, dropped, and nobody in the meeting notices.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { run } from '../support/child.mjs';
import { ROOT } from '../support/paths.mjs';
import { rest } from '../support/rest.mjs';
import { System } from '../support/system.mjs';

let system;
let devices;
let meeting;

before(async () => {
  system = await System.start();
  devices = await system.startDevices([{ records: true }, { records: true }, {}]);
  meeting = await system.openMeeting(devices.slice(0, 2), { layout: '2x2' });
});
after(() => system?.stop());

/** All counters of the relay: name → number. */
async function counters() {
  const { text } = await rest(system.base, 'GET', '/metrics');
  return Object.fromEntries([...text.matchAll(/^(diemcau_relay_\S+) ([0-9.e+]+)$/gm)].map(([, name, value]) => [name, Number(value)]));
}

async function sendAll(datagrams) {
  const socket = dgram.createSocket('udp4');
  for (const datagram of datagrams) {
    await new Promise((resolve) => socket.send(datagram, system.mediaPort, '127.0.0.1', resolve));
  }
  socket.close();
}

/** Runs `attack` while the meeting goes on; nobody may notice. Returns what the relay counted. */
async function unnoticed(attack) {
  const { relay } = await system.mediaPids();
  const before = await counters();
  const fromMs = devices[0].recording().endMs;
  await attack();
  const { recording } = await devices[0].recordFor(1_500);
  assert.equal((await system.mediaPids()).relay, relay, 'the relay is the same process');
  for (const kind of ['video', 'audio']) {
    const gapMs = recording.longestGapMs(kind, fromMs);
    assert.ok(gapMs <= 200, `${kind} stood still for ${gapMs} ms`);
  }
  const { seats } = await system.meeting(meeting);
  assert.deepEqual(seats.map(({ state }) => state), ['joined', 'joined']);
  const now = await counters();
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0)]).filter(([, value]) => value !== 0));
}

test('random bytes of every first byte and length change nothing', { timeout: 30_000 }, async (t) => {
  const datagrams = [];
  for (let i = 0; i < 4_000; i++) {
    const bytes = randomBytes([0, 1, 3, 12, 20, 60, 300, 1200, 1500][i % 9]);
    if (bytes.length > 0) {
      bytes[0] = i % 256;
    }
    datagrams.push(bytes);
  }
  const counted = await unnoticed(() => sendAll(datagrams));
  t.diagnostic(JSON.stringify(counted));
  assert.ok(Object.entries(counted).some(([name, value]) => /drop|unknown|bad|refused|stranger|invalid/.test(name) && value >= 100), JSON.stringify(counted));
});

test('well-formed STUN without the right password is not answered with success', { timeout: 30_000 }, async () => {
  const socket = dgram.createSocket('udp4');
  const answers = [];
  socket.on('message', (message) => answers.push(message));
  const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
  const name = Buffer.from('abcd:efgh');
  const username = Buffer.concat([Buffer.from([0, 6, 0, name.length]), name, Buffer.alloc((4 - (name.length % 4)) % 4)]);
  const withUser = Buffer.concat([request, username]);
  withUser.writeUInt16BE(username.length, 2);
  await unnoticed(async () => {
    for (let i = 0; i < 100; i++) {
      await new Promise((resolve) => socket.send(i % 2 ? request : withUser, system.mediaPort, '127.0.0.1', resolve));
    }
  });
  socket.close();
  assert.equal(answers.filter((message) => message.readUInt16BE(0) === 0x0101).length, 0);
});

test('everything the devices sent, sent again, changes nothing', {
  timeout: 30_000, skip: process.getuid() !== 0 && 'listening on a network device needs root',
}, async (t) => {
  let replayed;
  const counted = await unnoticed(async () => {
    const { code, stdout, stderr } = await run('python3', [
      path.join(ROOT, 'tests/support/udp_replay.py'), String(system.mediaPort), '2',
    ]);
    assert.equal(code, 0, stderr);
    replayed = JSON.parse(stdout);
  });
  t.diagnostic(`${JSON.stringify(replayed)} ${JSON.stringify(counted)}`);
  assert.ok(replayed.kinds.rtp > 100, 'there was media to replay');
  assert.ok(Object.entries(counted).some(([name, value]) => /replay/.test(name) && value > 50), JSON.stringify(counted));
});

test('and a device can still join', { timeout: 30_000 }, async () => {
  await system.admin.request('seat.add', { meeting, sites: [devices[2].code] });
  await system.joined(meeting, devices);
});
