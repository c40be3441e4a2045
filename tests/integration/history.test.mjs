// After a meeting: its report, opened by readers of other people (pdftotext, a CSV parser, zip and XML of the XLSX).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { run } from '../support/child.mjs';
import { ROOT, SITES_CSV } from '../support/paths.mjs';
import { login, rest } from '../support/rest.mjs';
import { System, USER, killHard } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const TITLE = 'Giao ban tuần 47 – <b>UBND tỉnh</b>';
const FORMULA = '=HYPERLINK("http://ac.vn","Bấm vào đây")';
const MARKUP = '<img src=x onerror=alert(1)>';
const REASON = '+84 ốm, "xin vắng"';

let system;
let devices;
let meeting;
let codes;
let cookie;

/** The directory of the province and two sites with names that a careless writer would take for something else. */
function directory() {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  return `${readFileSync(SITES_CSV, 'utf8').trimEnd()}\nX1,${quoted(FORMULA)},commune,CB\nX2,${quoted(MARKUP)},commune,CB\n`;
}

before(async () => {
  system = await System.start({ sites: false, user: true });
  const csv = directory();
  await system.admin.request('site.import', { csv, file: 'sites.csv' });
  await system.admin.request('user.add', { name: 'kythuat', password: 'một mật khẩu dài', role: 'technician' });
  cookie = await login(system.base, USER.name, USER.password);
  devices = await system.startDevices([{}, { isSilent: true }]);
  const { sites } = await system.admin.request('site.list');
  codes = [...sites.map(({ code }) => code).slice(0, 205), 'X1', 'X2']; // as many as a meeting takes
  ({ meeting } = await system.admin.request('meeting.open', { title: TITLE, sites: codes, layout: '2x2' }));
  await until('both are in', async () => {
    const { seats } = await system.meeting(meeting);
    return seats.filter(({ state }) => state === 'joined').length === devices.length;
  }, { deadlineMs: 30_000 });
});
after(() => system?.stop());

const get = (what, options = { cookie }) => rest(system.base, 'GET', `/api/v1/history/${meeting}${what}`, { timeoutMs: 30_000, ...options });

/** RFC 4180, after the byte order mark. */
function parseCsv(text) {
  assert.equal(text.codePointAt(0), 0xfeff, 'spreadsheets know UTF-8 by its mark');
  return [...text.slice(1).matchAll(/((?:"(?:[^"]|"")*",?)+)\r\n/g)].map(([, line]) =>
    [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, field]) => field.replaceAll('""', '"')));
}

async function save(format) {
  const answer = await get(`/report.${format}`);
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  assert.match(answer.headers['content-disposition'], new RegExp(`^attachment; filename="diem-danh-${meeting}\\.${format}"`));
  const file = path.join(system.dir, `report.${format}`);
  writeFileSync(file, answer.bytes);
  return { file, ...answer };
}

test('a site that drops and comes back, marks and a restart are all in the report', { timeout: 120_000 }, async () => {
  const [, second] = devices;
  await killHard(second.pid);
  await until('it is missed', async () => (await system.seat(meeting, second.code)).state !== 'joined', { deadlineMs: 15_000 });
  await killHard(system.server.pid);
  await system.startServer();
  await second.start();
  await until('it is back', async () => (await system.seat(meeting, second.code)).state === 'joined', { deadlineMs: 30_000 });
  await system.admin.request('roll.mark', {
    meeting, source: (await system.seat(meeting, 'X1')).source, mark: 'absent', reason: REASON,
  });
  await system.admin.request('roll.mark', { meeting, source: (await system.seat(meeting, 'MT')).source, mark: 'present' });
  const closedMs = performance.now();
  await system.admin.request('meeting.close', { meeting });
  const { report } = (await get('')).json;
  assert.ok(performance.now() - closedMs < 10_000);
  assert.equal(report.rows.length, codes.length);
  const row = (code) => report.rows.find(({ site }) => site === code);
  assert.deepEqual([row(devices[0].code).status, row(devices[0].code).drops], ['present', 0]);
  assert.deepEqual([row(second.code).status, row(second.code).drops], ['present', 1]);
  assert.deepEqual([row('X1').status, row('X1').reason, row('X1').by_chair], ['absent', REASON, true]);
  assert.deepEqual([row('MT').status, row('MT').joined_ms], ['present', null]);
  assert.deepEqual([row('CB').status, row('CB').reason, row('CB').agency], ['absent', 'Chưa kết nối', row('CB-01').agency]);
  assert.equal(report.counts.present + report.counts.absent + report.counts.late + report.counts.left_early, codes.length);
});

test('the CSV is no program, and its words are whole', { timeout: 60_000 }, async () => {
  const { text } = await save('csv');
  const [head, ...rows] = parseCsv(text);
  assert.equal(rows.length, codes.length);
  assert.ok(rows.every((row) => row.length === head.length));
  const at = (title) => head.indexOf(title);
  const row = (code) => rows.find((fields) => fields[at('Mã')] === code);
  assert.equal(row('X1')[at('Điểm cầu')], `'${FORMULA}`);
  assert.equal(row('X1')[at('Lý do')], `'${REASON}`);
  assert.equal(row('X2')[at('Điểm cầu')], MARKUP);
  assert.equal(row('MT')[at('Tình trạng')], 'Có mặt');
  assert.ok(rows.flat().every((field) => !/^[=+\-@\t\r]/.test(field)));
});

test('the XLSX has every site as text, and no formula', { timeout: 60_000 }, async () => {
  const { file } = await save('xlsx');
  const { code, stdout, stderr } = await run('python3', [path.join(ROOT, 'tests/support/xlsx.py'), file]);
  assert.equal(code, 0, stderr);
  const { rows, formulas, links } = JSON.parse(stdout);
  assert.deepEqual([formulas, links], [0, 0]);
  const cells = rows.flat();
  assert.ok(cells.includes(FORMULA) && cells.includes(MARKUP) && cells.includes(REASON) && cells.includes(TITLE));
  assert.equal(rows.filter((row) => codes.includes(row[9])).length, codes.length);
});

test('the PDF says who attended, with pages, agencies and room for signatures', { timeout: 60_000 }, async () => {
  const { file } = await save('pdf');
  const { code, stdout, stderr } = await run('pdftotext', ['-layout', file, '-']);
  assert.equal(code, 0, stderr);
  const text = stdout.normalize('NFC');
  const pages = Number(/Trang 1\/(\d+)/.exec(text)?.[1]);
  assert.ok(pages >= 4, `${pages} pages`);
  assert.match(text, new RegExp(`Trang ${pages}/${pages}`));
  assert.ok(text.includes('BÁO CÁO ĐIỂM DANH PHIÊN HỌP TRỰC TUYẾN') && text.includes(TITLE));
  for (const words of ['THƯ KÝ', 'CHỦ TỌA', 'UBND tỉnh Tiền Giang', 'Sở Y tế', 'onerror=alert(1)', 'HYPERLINK', '+84 ốm']) {
    assert.ok(text.includes(words), words);
  }
});

test('making files keeps nobody waiting', { timeout: 120_000 }, async (t) => {
  const startMs = performance.now();
  let isDone = false;
  const files = Promise.all(Array.from({ length: 8 }, () => get('/report.pdf'))).then((answers) => {
    isDone = true;
    return answers;
  });
  let longestMs = 0;
  while (!isDone) {
    const askedMs = performance.now();
    await system.admin.request('ping');
    longestMs = Math.max(longestMs, performance.now() - askedMs);
  }
  assert.ok((await files).every(({ status }) => status === 200));
  const allMs = performance.now() - startMs;
  t.diagnostic(`8 PDFs in ${Math.round(allMs)} ms, the longest ping ${Math.round(longestMs)} ms`);
  assert.ok(longestMs < allMs / 4);
});

test('only who may lead meetings sees their reports', { timeout: 60_000 }, async () => {
  const other = await login(system.base, 'kythuat', 'một mật khẩu dài');
  for (const what of ['', '/report.csv', '/report.pdf', '/report.xlsx']) {
    assert.equal((await get(what, {})).status, 401, what);
    assert.equal((await get(what, { cookie: other })).status, 403, what);
    assert.equal((await rest(system.base, 'GET', `/api/v1/history/999${what}`, { cookie })).status, 404, what);
  }
});

test('the history is searched without diacritics', { timeout: 60_000 }, async () => {
  const found = async (query) => (await system.admin.request('history.list', { query })).meetings.map(({ id }) => id);
  assert.deepEqual(await found('giao ban TUAN ubnd'), [meeting]);
  assert.deepEqual(await found('giao ban quý'), []);
  const { meetings } = (await rest(system.base, 'GET', '/api/v1/history', { cookie })).json;
  assert.deepEqual([meetings[0].id, meetings[0].title, meetings[0].sites], [meeting, TITLE, codes.length]);
});
