// Templates and the calendar, by REST and by the WebSocket, on the real server with real devices.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { login, rest } from '../support/rest.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const HOUR = 3_600_000;
const DEVICES = 3;

let system;
let cookie;
let plan;

before(async () => {
  system = await System.start();
  cookie = await login(system.base, USER.name, USER.password);
  await system.startDevices(Array.from({ length: DEVICES }, () => ({})));
  plan = {
    title: 'Giao ban tuần UBND tỉnh', sites: CODES.slice(0, DEVICES), chair: CODES[0], layout: '2x2',
    rotate_s: 15, speaking_limit_s: 300, record: false, agenda: ['Báo cáo tuần', 'Kết luận của chủ tọa'],
  };
});
after(() => system?.stop());

const call = (method, path, body) => rest(system.base, method, `/api/v1/${path}`, { cookie, body });

test('the description of the interface has every call about plans', async () => {
  const { json } = await call('GET', 'openapi.json');
  for (const [path, methods] of [
    ['templates', ['get', 'post']], ['templates/{id}', ['get', 'put', 'delete']], ['meetings/{id}/template', ['post']],
    ['schedule', ['get', 'post']], ['schedule/{id}', ['get', 'put', 'delete']], ['schedule/{id}/open', ['post']],
  ]) {
    for (const method of methods) {
      assert.ok(json.paths[`/api/v1/${path}`]?.[method], `${method} ${path}`);
    }
  }
});

test('a template outlives the server, and is changed and removed', async () => {
  const made = await call('POST', 'templates', { name: 'Giao ban', plan });
  assert.equal(made.status, 201, made.text);
  const place = made.headers.location.replace('/api/v1/', '');
  await system.server.stop();
  await system.startServer();
  await system.online(system.devices);
  const kept = await call('GET', place);
  assert.deepEqual(kept.json.plan, { ...plan, preset: null });
  assert.equal((await call('PUT', place, { name: 'Giao ban tuần', plan: { ...plan, sites: plan.sites.slice(0, 2) } })).status, 200);
  const { json } = await call('GET', 'templates');
  assert.deepEqual(json.templates, [{ template: kept.json.template, name: 'Giao ban tuần', title: plan.title, sites: 2 }]);
  assert.equal((await call('POST', 'templates', { name: 'Giao ban tuần', plan })).status, 409);
  assert.equal((await call('DELETE', place)).status, 204);
  assert.equal((await call('GET', place)).status, 404);
});

test('a site that is booked is refused, with the other meeting named', async () => {
  const start_ms = Date.now() + 24 * HOUR;
  const first = await call('POST', 'schedule', { start_ms, minutes: 60, weekly: true, plan });
  assert.equal(first.status, 201, first.text);
  const refused = await call('POST', 'schedule', {
    start_ms: start_ms + 7 * 24 * HOUR, minutes: 30, plan: { title: 'Họp khác', sites: [CODES[2], CODES[7]] },
  });
  assert.equal(refused.status, 409);
  assert.equal(refused.json.field, 'plan.sites');
  assert.match(refused.json.detail, new RegExp(`${CODES[2]} is in "Giao ban tuần UBND tỉnh" at \\d{4}-`));
  const beside = await call('POST', 'schedule', {
    start_ms: start_ms + 7 * 24 * HOUR, minutes: 30, plan: { title: 'Họp khác', sites: [CODES[7]] },
  });
  assert.equal(beside.status, 201, beside.text);
  for (const { schedule } of [first.json, beside.json]) {
    assert.equal((await call('DELETE', `schedule/${schedule}`)).status, 204);
  }
  assert.deepEqual((await call('GET', 'schedule')).json.meetings, []);
});

test('a scheduled meeting is opened by one press as it was planned, and the devices come', async () => {
  const page = await system.page();
  await page.request('page.watch');
  const { json: { schedule } } = await call('POST', 'schedule', { start_ms: Date.now(), minutes: 60, plan: { ...plan, record: true } });
  await page.event('the calendar changed', ({ type }) => type === 'schedule');
  const opened = await Promise.all([1, 2].map(() => call('POST', `schedule/${schedule}/open`)));
  assert.deepEqual(opened.map(({ status }) => status), [200, 200]);
  assert.equal(opened[0].json.meeting, opened[1].json.meeting, 'two presses open one meeting');
  const { meeting } = opened[0].json;
  await system.joined(meeting, system.devices);
  const { title, layout, chair, views, seats, recordings, speaking_limit_s } = await system.meeting(meeting);
  assert.equal(speaking_limit_s, 300);
  assert.deepEqual(recordings.map(({ view, state }) => [view, state]), [[0, 'recording']], 'it is recorded, as was planned');
  assert.equal(title, plan.title);
  assert.equal(layout, '2x2');
  assert.equal(seats.find(({ source }) => source === chair).site, CODES[0]);
  assert.equal(views[0].rotate.interval_s, 15);
  const { json } = await call('GET', 'schedule');
  assert.equal(json.meetings[0].meeting, meeting);
  await call('DELETE', `meetings/${meeting}`);
  assert.equal((await call('GET', 'schedule')).json.meetings[0].meeting, null);
  await call('DELETE', `schedule/${schedule}`);
  const made = await call('POST', `meetings/${meeting}/template`, { name: 'Như lần trước' });
  assert.equal(made.status, 200, made.text);
  const past = await call('GET', `templates/${made.json.template}`);
  assert.deepEqual(past.json.plan.sites, plan.sites);
  assert.equal(past.json.plan.chair, CODES[0]);
  assert.equal(past.json.plan.rotate_s, 15);
  assert.equal(past.json.plan.speaking_limit_s, 300);
});

test('a meeting that was chosen to opens by itself at its time', async () => {
  const start_ms = Date.now() + 1_500;
  await call('POST', 'schedule', { start_ms, minutes: 60, auto_open: true, plan });
  const late = await until('it is open', async () => {
    const { meetings } = await system.admin.request('meeting.list');
    return meetings.length === 1 && { ms: meetings[0].opened_ms - start_ms };
  });
  assert.ok(late.ms >= 0 && late.ms < 3_000, `${late.ms} ms after its time`);
});
