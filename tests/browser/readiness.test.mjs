// "Kiểm tra trước họp" in Chromium: 207 lights with their reasons, paper and a spreadsheet.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Child } from '../support/child.mjs';
import { SCREENSHOT_DIR, SITES_CSV } from '../support/paths.mjs';
import { System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';

const FLEET = 200; // the other seven have no device
const DARK = 'TW';

let system;
let browser;
let page;
const children = [];
const troubles = [];

const at = (name) => page.locator(`[data-testid="${name}"]`);
const shoot = (name, fullPage = false) => page.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`), fullPage });
const lights = async (light) => Number(await at(`lights-${light}`).getAttribute('data-count'));

function startChild(name, args) {
  children.push(new Child(system.program(name), [
    '--server', `wss://${system.host}:${system.port}`, '--fingerprint', system.fingerprint, ...args,
  ], { log: path.join(system.dir, `${name}.log`), env: system.env }));
}

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start();
  const { token } = await system.admin.request('token.new', { site: DARK });
  startChild('device', [
    '--state', path.join(system.dir, 'devices', DARK), '--token', token, '--video', 'test:black', '--audio', 'tone:440', '--sink', 'none',
  ]);
  startChild('fleet', [
    '--state', path.join(system.dir, 'fleet'), '--sites', SITES_CSV, '--first', '1', '--count', String(FLEET),
    '--enrol-with', path.join(system.runtime, 'server.sock'),
  ]);
  browser = await launchChromium();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) {
      troubles.push(`console: ${message.text()}`);
    }
  });
  await page.goto(system.base);
  await at('login-name').fill(USER.name);
  await at('login-password').fill(USER.password);
  await at('login-submit').click();
  await until('the fleet is online', async () => {
    const { sites } = await system.admin.request('site.list');
    return sites.filter(({ online }) => online).length === FLEET + 1;
  }, { deadlineMs: 40_000 });
});

after(async () => {
  await browser?.close();
  for (const child of children) {
    if (child.isRunning) {
      await child.stop();
    }
  }
  await system?.stop();
});

test('every site has a row before anything was tested', { timeout: 60_000 }, async () => {
  await at('to-readiness').click();
  await at('readiness-board').waitFor();
  assert.equal(await page.locator('[data-testid^="exam-"]').count(), 207);
  assert.equal(await lights('untested'), 207);
});

test('a press tests all, the worst are first, each with its reason', { timeout: 90_000 }, async (t) => {
  const startMs = performance.now();
  await at('readiness-start').click();
  await until('the test is over', async () => (await lights('untested')) === 0, { deadlineMs: 60_000 });
  t.diagnostic(`207 sites tested in ${Math.round(performance.now() - startMs)} ms`);
  assert.equal(await lights('bad'), 7, 'one with a covered lens, six without a device');
  assert.equal(await lights('good'), FLEET);
  const first = page.locator('[data-testid^="exam-"]').first();
  assert.equal(await first.getAttribute('data-light'), 'bad');
  await at(`exam-${DARK}`).getByText('Camera tối đen, có thể chưa mở nắp che').waitFor();
  await page.getByText('Chưa có thiết bị').first().waitFor();
  await shoot('readiness-vi');
});

test('the board is saved for a spreadsheet', { timeout: 30_000 }, async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), at('readiness-csv').click()]);
  assert.match(download.suggestedFilename(), /^kiem-tra-\d{4}-\d\d-\d\d-\d{4}\.csv$/);
  const text = readFileSync(await download.path(), 'utf8');
  const lines = text.replace(/^\uFEFF/, '').trimEnd().split('\r\n');
  assert.ok(text.startsWith('\uFEFF'), 'a spreadsheet sees that it is UTF-8');
  assert.equal(lines.length, 208);
  assert.match(lines[0], /^"Mã","Điểm cầu","Kết quả","Lý do","Mạng","Camera"/);
  assert.ok(lines.some((line) => line.startsWith(`"${DARK}",`) && line.includes('Camera tối đen')));
});

test('on paper there is the table, and nothing to press', { timeout: 30_000 }, async () => {
  await page.emulateMedia({ media: 'print' });
  assert.equal(await at('readiness-start').isVisible(), false);
  assert.equal(await page.locator('header').first().isVisible(), false);
  assert.ok(await at(`exam-${DARK}`).isVisible());
  await shoot('readiness-print-vi');
  await page.emulateMedia({ media: null });
});

test('the page complained about nothing', () => {
  assert.deepEqual(troubles, []);
});
