// "Tổng duyệt" in Chromium: a technician runs a load test from the page, on the real system.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';

const TECHNICIAN = { name: 'kythuat', password: 'mật khẩu thử 2', role: 'technician' };
const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8')).rehearsal;

let system;
let browser;
let page;
const troubles = [];

const at = (name, where = page) => where.locator(`[data-testid="${name}"]`);
const shoot = (name, from = page) => from.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`), fullPage: true });

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start({ settings: { 'server.rehearsal_command': path.join(ROOT, 'scripts/loadtest') } });
  await system.admin.request('user.add', TECHNICIAN);
  browser = await launchChromium();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) {
      troubles.push(`console: ${message.text()}`);
    }
  });
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

test('a technician finds the rehearsal, and a number that makes no sense is refused with the range', { timeout: 60_000 }, async () => {
  await page.goto(system.base);
  await at('login-name').fill(TECHNICIAN.name);
  await at('login-password').fill(TECHNICIAN.password);
  await at('login-submit').click();
  await at('to-rehearsal').click();
  await page.getByText(WORDS.never).waitFor();
  await at('rehearsal-sites').fill('2071');
  await page.getByText(WORDS.range.replace('{{min}}', 1).replace('{{max}}', 2070)).waitFor();
  assert.ok(await at('rehearsal-start').isDisabled());
});

test('while a meeting is open it says why it does not start', { timeout: 60_000 }, async () => {
  await at('rehearsal-sites').fill('3');
  await at('rehearsal-seconds').fill('5');
  const { meeting } = await system.admin.request('meeting.open', { title: 'Họp khẩn', sites: CODES.slice(0, 1) });
  await page.getByText(WORDS.meetingOpen).waitFor();
  assert.ok(await at('rehearsal-start').isDisabled());
  await shoot('rehearsal-meeting-vi');
  await system.admin.request('meeting.close', { meeting });
  await page.getByText(WORDS.meetingOpen).waitFor({ state: 'detached' });
});

test('three simulated sites are measured for five seconds: bar, verdict, report', { timeout: 180_000 }, async (t) => {
  await at('rehearsal-start').click();
  await until('it is shown as running', async () => (await at('rehearsal-verdict').getAttribute('data-state')) === 'running');
  await until('the bar has a value', () => page.evaluate(() => {
    const bar = document.querySelector('[data-testid="rehearsal-bar"]');
    return bar !== null && bar.hasAttribute('value');
  }), { deadlineMs: 120_000, everyMs: 100 });
  assert.doesNotMatch(await at('rehearsal-line').textContent(), /[#[]/);
  await shoot('rehearsal-running-vi');
  await until('it is done', async () => (await at('rehearsal-verdict').getAttribute('data-state')) !== 'running', { deadlineMs: 120_000, everyMs: 200 });
  const { rehearsal } = await system.admin.request('rehearsal.get');
  assert.equal(rehearsal.state, 'done', rehearsal.progress);
  const verdict = await at('rehearsal-verdict').textContent();
  assert.equal(verdict, rehearsal.pass ? WORDS.pass : WORDS.miss);
  t.diagnostic(verdict);
  await shoot('rehearsal-done-vi');
  const [report] = await Promise.all([page.context().waitForEvent('page'), at('rehearsal-report').click()]);
  await report.locator('svg').first().waitFor();
  await report.close();
});

test('a rehearsal can be stopped, and says by whom', { timeout: 60_000 }, async () => {
  await at('rehearsal-seconds').fill('60');
  await at('rehearsal-start').click();
  await at('rehearsal-stop').click();
  await page.getByText(WORDS.stoppedBy.replace('{{who}}', TECHNICIAN.name)).waitFor({ timeout: 30_000 });
});

test('English, dark and phone look right', { timeout: 60_000 }, async () => {
  const storageState = await page.context().storageState();
  const looks = {
    'rehearsal-en-dark': { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 1280, height: 900 }, language: 'en' },
    'rehearsal-vi-phone': { locale: 'vi-VN', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  };
  for (const [name, { language, ...options }] of Object.entries(looks)) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState, ...options });
    const other = await context.newPage();
    if (language) {
      await other.addInitScript((code) => localStorage.setItem('diemcau.language', code), language);
    }
    await other.goto(`${system.base}/#/rehearsal`);
    await at('rehearsal-verdict', other).waitFor();
    const wide = await other.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await shoot(name, other);
    await context.close();
    assert.ok(wide <= 0, `${name} is ${wide} px wider than the window`);
  }
});

test('the page complained about nothing', () => {
  assert.deepEqual(troubles, []);
});
