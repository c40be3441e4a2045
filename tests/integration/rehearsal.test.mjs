// "Tổng duyệt": the load test that a technician starts from the page, on the real system.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { PageClient } from '../support/page_client.mjs';
import { ROOT } from '../support/paths.mjs';
import { login, rest } from '../support/rest.mjs';
import { CODES, System, USER, processesWith } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const PLAN = { profile: 'plenary', sites: 3, seconds: 5 };

let system;
let cookie;
let page;

before(async () => {
  system = await System.start({ settings: { 'server.rehearsal_command': path.join(ROOT, 'scripts/loadtest') } });
  cookie = await login(system.base, USER.name, USER.password);
  page = await PageClient.connect(system.base, { cookie });
  await page.request('page.watch');
});
after(async () => {
  page?.close();
  await system?.stop();
});

const report = () => rest(system.base, 'GET', '/api/v1/rehearsal/report', { cookie });
const rehearsal = async () => (await system.admin.request('rehearsal.get')).rehearsal;
/** Each is followed by something that is not refused: the third refusal in a row ends a connection. */
async function refusal(fields) {
  const refused = await system.admin.refused('rehearsal.start', { ...PLAN, ...fields });
  await rehearsal();
  return refused;
}
/** What pages were told, from event `since` on. */
const told = (since = 0) => page.events.slice(since).filter(({ type }) => type === 'rehearsal');

test('a plan that makes no sense is refused with the field that is wrong', async () => {
  assert.equal((await refusal({ profile: 'tuỳ ý' })).field, 'profile');
  assert.equal((await refusal({ sites: 0 })).field, 'sites');
  assert.equal((await refusal({ sites: 2071 })).field, 'sites');
  assert.equal((await refusal({ seconds: 4 })).field, 'seconds');
  assert.equal((await rehearsal()).state, 'idle');
  assert.equal((await report()).status, 404);
});

test('a rehearsal runs beside the real sites, tells how far it is, and leaves a report', { timeout: 180_000 }, async (t) => {
  assert.equal((await page.request('rehearsal.start', PLAN)).rehearsal.state, 'running');
  assert.equal((await refusal()).code, 'conflict');
  const during = await system.status();
  assert.equal(during.online, 0, 'no simulated site is among the real ones');
  await until('it has ended', async () => (await rehearsal()).state !== 'running', { deadlineMs: 150_000, everyMs: 500 });
  const ended = await rehearsal();
  t.diagnostic(`${ended.state}, pass ${ended.pass}: ${ended.progress}`);
  assert.equal(ended.state, 'done', ended.progress);
  assert.equal(typeof ended.pass, 'boolean');
  assert.ok(told().some(({ progress }) => /measuring/.test(progress)), JSON.stringify(told()));
  assert.equal(told().at(-1).state, 'done');
  const { status, text, headers } = await report();
  assert.equal(status, 200);
  assert.match(headers['content-security-policy'], /^default-src 'none'; style-src 'unsafe-inline'/);
  assert.match(text, /<svg/);
  assert.equal((await rest(system.base, 'GET', '/api/v1/rehearsal/report')).status, 401);
});

test('a meeting has the machine for itself: a rehearsal ends when one opens, and none begins', { timeout: 120_000 }, async () => {
  const since = page.events.length;
  await system.admin.request('rehearsal.start', { ...PLAN, seconds: 60 });
  await until('its sites are there', () => told(since).some(({ state, progress }) => state === 'running' && /joined/.test(progress)), { deadlineMs: 60_000 });
  const { meeting } = await system.admin.request('meeting.open', { title: 'Họp khẩn', sites: CODES.slice(0, 2) });
  await until('it has ended', async () => (await rehearsal()).state === 'failed', { deadlineMs: 30_000 });
  assert.equal((await rehearsal()).stopped, 'a meeting was opened');
  assert.equal((await refusal()).code, 'conflict');
  await system.admin.request('meeting.close', { meeting });
  assert.equal(processesWith('diemcau-fleet').length, 0);
});
