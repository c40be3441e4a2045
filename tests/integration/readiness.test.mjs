// The check before a meeting, with real devices: what they find is what they were given.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Child } from '../support/child.mjs';
import { SITES_CSV } from '../support/paths.mjs';
import { login, rest } from '../support/rest.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const [GOOD, DARK, BARE, OFF, NEVER] = CODES;

let system;
let cookie;
const children = [];

async function startDevice(code, video, audio) {
  const { token } = await system.admin.request('token.new', { site: code });
  const child = new Child(system.program('device'), [
    '--server', `wss://${system.host}:${system.port}`, '--fingerprint', system.fingerprint,
    '--state', path.join(system.dir, 'devices', code), '--token', token, '--name', `test ${code}`,
    '--video', video, '--audio', audio, '--sink', 'none',
  ], { log: path.join(system.dir, `${code}.log`), env: system.env });
  children.push(child);
  return child;
}

const isOnline = async (code) => (await system.admin.request('site.list')).sites.find((site) => site.code === code).online;
const exams = async () => (await system.admin.request('readiness.get')).sites;
const examOf = async (code) => (await exams()).find(({ site }) => site === code);

async function run(sites) {
  await system.admin.request('readiness.run', sites ? { sites } : {});
  await until('the check ends', async () => !(await system.admin.request('readiness.get')).run.running, { deadlineMs: 40_000 });
}

before(async () => {
  system = await System.start();
  cookie = await login(system.base, USER.name, USER.password);
  await startDevice(GOOD, 'test:smpte', 'tone:440');
  await startDevice(DARK, 'test:black', 'silence');
  await startDevice(BARE, 'none', 'none');
  const off = await startDevice(OFF, 'none', 'none');
  children.push(new Child(system.program('fleet'), [
    '--server', `wss://${system.host}:${system.port}`, '--fingerprint', system.fingerprint,
    '--state', path.join(system.dir, 'fleet'), '--sites', SITES_CSV,
    '--first', '3', '--count', '3', '--enrol-with', path.join(system.runtime, 'server.sock'),
  ], { log: path.join(system.dir, 'fleet.log'), env: system.env }));
  await until('all are online', async () => {
    const { sites } = await system.admin.request('site.list');
    return [GOOD, DARK, BARE, OFF].every((code) => sites.find((site) => site.code === code).online) &&
      sites.filter(({ online }) => online).length >= 7;
  }, { deadlineMs: 30_000 });
  await off.stop();
  await until('one is off', async () => !(await isOnline(OFF)), { deadlineMs: 40_000 });
});

after(async () => {
  for (const child of children) {
    if (child.isRunning) {
      await child.stop();
    }
  }
  await system?.stop();
});

test('every site of the directory has a light, or a reason for none', { timeout: 60_000 }, async (t) => {
  const startMs = performance.now();
  await run();
  t.diagnostic(`207 sites asked in ${Math.round(performance.now() - startMs)} ms`);
  const all = await exams();
  assert.equal(all.length, 207);
  assert.ok(all.every(({ state }) => state === 'done'));
  assert.equal((await examOf(OFF)).reason, 'offline');
  assert.equal((await examOf(NEVER)).reason, 'no_device');
  assert.equal((await examOf(NEVER)).light, 'bad');
});

test('a device that sees and hears is ready, and says what it could not test', async (t) => {
  const { light, checks, simulated } = await examOf(GOOD);
  t.diagnostic(JSON.stringify(checks));
  assert.equal(simulated, false);
  assert.equal(checks.camera.light, 'good');
  assert.equal(checks.microphone.light, 'good');
  assert.equal(checks.network.light, 'good');
  assert.ok(checks.network.up_kbps > 1_000 && checks.network.down_kbps > 1_000);
  assert.equal(checks.clock.light, 'good');
  assert.ok(checks.disk.disk_mib > 0);
  assert.deepEqual(checks.speaker, { light: 'untested', reason: 'untested' }, 'it plays to nobody');
  assert.equal(light, 'good');
});

test('a covered lens and a dead microphone are found', async () => {
  const { light, checks } = await examOf(DARK);
  assert.equal(checks.camera.reason, 'black');
  assert.equal(checks.microphone.reason, 'silent');
  assert.equal(light, 'bad');
});

test('what a site does not have is not tested, and is not said to be well', async () => {
  const { checks } = await examOf(BARE);
  assert.equal(checks.camera.light, 'untested');
  assert.equal(checks.microphone.light, 'untested');
  assert.equal(checks.network.light, 'good');
});

test('a simulated site says that it is one', async () => {
  const simulated = (await exams()).filter((exam) => exam.simulated);
  assert.equal(simulated.length, 3);
  for (const { checks } of simulated) {
    assert.equal(checks.camera.reason, 'simulated');
    assert.equal(checks.camera.light, 'untested');
    assert.ok(checks.network.rtt_ms !== null && checks.network.up_kbps !== null, 'the way is measured');
  }
});

test('in a meeting only what disturbs nobody is tested', { timeout: 60_000 }, async () => {
  const { meeting } = await system.admin.request('meeting.open', { title: 'Đang họp', sites: [GOOD], layout: '1' });
  await until('its picture is live', async () => (await system.seat(meeting, GOOD)).video === 'live', { deadlineMs: 20_000 });
  await run([GOOD]);
  const { checks } = await examOf(GOOD);
  assert.equal(checks.camera.light, 'good');
  assert.equal(checks.microphone.light, 'good');
  assert.equal(checks.network.up_kbps, null, 'no bytes for the sake of measuring');
  assert.equal((await system.seat(meeting, GOOD)).state, 'joined', 'the meeting was not disturbed');
  await system.admin.request('meeting.close', { meeting });
});

test('a meeting that begins takes camera and microphone from the check', { timeout: 60_000 }, async () => {
  await system.admin.request('readiness.run', { sites: [GOOD] });
  const { meeting } = await system.admin.request('meeting.open', { title: 'Họp ngay', sites: [GOOD], layout: '1' });
  await until('its picture is live', async () => (await system.seat(meeting, GOOD)).video === 'live', { deadlineMs: 20_000 });
  await until('the check ends too', async () => (await examOf(GOOD)).state === 'done', { deadlineMs: 25_000 });
  await system.admin.request('meeting.close', { meeting });
});

test('a script may ask and read', async () => {
  assert.equal((await rest(system.base, 'POST', '/api/v1/readiness', { cookie, body: { sites: [BARE] } })).status, 204);
  const { status, json } = await rest(system.base, 'GET', '/api/v1/readiness', { cookie });
  assert.equal(status, 200);
  assert.equal(json.sites.length, 207);
  const description = await rest(system.base, 'GET', '/api/v1/openapi.json');
  assert.ok(description.json.paths['/api/v1/readiness'].post);
});
