// Before a meeting, in Chromium: a template, the calendar, the press that opens what was planned.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';

const NAME = 'Giao ban tuần UBND tỉnh';
const DEVICES = 3;
const HOUR_MS = 3_600_000;
const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8'));

let system;
let browser;
let page;
const troubles = [];

const at = (name) => page.locator(`[data-testid="${name}"]`);
const shoot = (name) => page.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`), fullPage: true });
const occasions = async () => (await system.admin.request('schedule.list')).meetings;
const isNotWide = async (name) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than the window`);
};

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start();
  await system.startDevices(Array.from({ length: DEVICES }, () => ({})));
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
  await at('site-tree').waitFor();
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

async function choose(codes) {
  for (const code of codes) {
    await at('search').fill(code);
    await at(`site-row-${code}`).locator('input').check();
  }
  await at('search').fill('');
}

test('a template is made by hand', { timeout: 60_000 }, async () => {
  await at('template-new').click();
  await at('template-name').fill(NAME);
  await at('plan-title').fill('Giao ban tuần');
  assert.ok(await at('plan-save').isDisabled(), 'no site is chosen');
  await choose(CODES.slice(0, DEVICES));
  await at('plan-chair').selectOption(CODES[0]);
  await at('layout-2x2').click();
  await at('plan-agenda').fill('Báo cáo kinh tế – xã hội\nÝ kiến các xã\nKết luận');
  await shoot('template-vi');
  await at('plan-save').click();
  await page.getByText(NAME).waitFor();
  const { plan } = await system.admin.request('template.get', { template: 1 });
  assert.deepEqual(plan.sites, CODES.slice(0, DEVICES));
  assert.equal(plan.chair, CODES[0]);
  assert.equal(plan.agenda.length, 3);
});

test('a weekly meeting is in the calendar', { timeout: 60_000 }, async () => {
  await at('template-schedule-1').click();
  await at('plan-weekly').check();
  const soon = new Date(Date.now() + HOUR_MS / 2);
  const two = (number) => String(number).padStart(2, '0');
  await at('plan-date').fill(`${soon.getFullYear()}-${two(soon.getMonth() + 1)}-${two(soon.getDate())}`);
  await at('plan-time').fill(`${two(soon.getHours())}:${two(soon.getMinutes())}`);
  await at('plan-save').click();
  await at('occasion-1').waitFor();
  const [first, second] = await occasions();
  assert.equal(second.start_ms - first.start_ms, 7 * 24 * HOUR_MS);
  await shoot('calendar-week-vi');
  await isNotWide('the week');
  await page.getByText(WORDS.calendar.month, { exact: true }).click();
  await at('calendar-month').getByText('Giao ban tuần').first().waitFor();
  await shoot('calendar-month-vi');
  await isNotWide('the month');
});

test('a site that is booked is named with its other meeting, and nothing is saved', { timeout: 60_000 }, async () => {
  await page.goto(`${system.base}/#/plan?kind=schedule&at=${(await occasions())[0].start_ms}`);
  await at('plan-title').fill('Họp chồng giờ');
  await choose([CODES[1], CODES[5]]);
  await at('conflicts').getByText('“Giao ban tuần”').waitFor();
  await until('it cannot be saved', () => at('plan-save').isDisabled());
  await shoot('plan-conflict-vi');
  await at('search').fill(CODES[1]);
  await at(`site-row-${CODES[1]}`).locator('input').uncheck();
  await until('it can be saved', () => at('plan-save').isEnabled());
});

test('the first page shows what comes today, and one press opens it', { timeout: 60_000 }, async () => {
  await page.goto(`${system.base}/#/`);
  await at('open-schedule-1').waitFor();
  await shoot('home-today-vi');
  await isNotWide('the first page');
  await at('open-schedule-1').click();
  await page.getByText(WORDS.meeting.joined.replace('{{joined}}', DEVICES).replace('{{total}}', DEVICES)).waitFor();
  const { meetings } = await system.admin.request('meeting.list');
  assert.equal(meetings[0].layout, '2x2');
  assert.equal((await occasions())[0].meeting, meetings[0].id);
});

test('a running meeting is kept as a template, and opened again from it', { timeout: 60_000 }, async () => {
  await at('save-template').click();
  await at('template-name').fill('Như hôm nay');
  await at('template-save').click();
  await page.getByText(WORDS.template.saved.replace('{{name}}', 'Như hôm nay')).waitFor();
  await at('close-meeting').click();
  await at('close-confirm').click();
  await at('template-open-2').click();
  await page.getByText(WORDS.meeting.joined.replace('{{joined}}', DEVICES).replace('{{total}}', DEVICES)).waitFor();
  assert.equal((await system.admin.request('meeting.list')).meetings[0].title, 'Giao ban tuần');
});

test('the page complained about nothing', () => {
  assert.deepEqual(troubles, []);
});
