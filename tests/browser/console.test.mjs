// The chair's console in Chromium on the real system: queue, timer, roll call, and the report afterwards.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { System, USER, killHard } from '../support/system.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';

const CAMERA = 9;
const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8'));
const TITLE = 'Giao ban tuần 47';

let system;
let devices;
let browser;
let page;
let meeting;
const troubles = [];

const at = (name) => page.locator(`[data-testid="${name}"]`);
const sourceOf = async ({ code }) => (await system.seat(meeting, code)).source;
const state = () => system.meeting(meeting);
const press = (device, line) => appendFileSync(path.join(device.dir, 'buttons'), `${line}\n`);
const shoot = (name) => page.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`) });
const queueShown = () => page.locator('[data-testid^="hand-"][data-place]').evaluateAll((rows) =>
  rows.map((row) => Number(row.dataset.testid.replace('hand-', ''))));

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start();
  devices = await system.startDevices([{}, {}, { isSilent: true }]);
  const sites = [...devices.map(({ code }) => code), 'CB-02', 'CB-03', 'GCO-01'];
  ({ meeting } = await system.admin.request('meeting.open', { title: TITLE, sites, layout: '2x2' }));
  await system.joined(meeting, devices);
  browser = await launchChromium({ camera: CAMERA });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(45_000);
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401|ERR_CONNECTION_REFUSED|WebSocket connection/.test(message.text())) {
      troubles.push(`console: ${message.text()}`);
    }
  });
  await page.goto(system.base);
  await at('login-name').fill(USER.name);
  await at('login-password').fill(USER.password);
  await at('login-submit').click();
  await at('site-tree').waitFor();
  await page.goto(`${system.base}/#/meeting/${meeting}`);
  await at('joined-count').waitFor();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

test('hands of boxes and of the own camera stand in the queue, and the chair leads it', { timeout: 180_000 }, async () => {
  const [hall, agriculture, health] = await Promise.all(devices.map(sourceOf));
  press(devices[2], 'hand');
  await until('one hand', async () => (await state()).hands.length === 1);
  press(devices[1], 'hand');
  await until('two hands', async () => (await state()).hands.length === 2);
  await at('join-camera').click();
  await at('own-hand').click();
  await at('tab-queue').click();
  await until('three in the queue', async () => (await queueShown()).length === 3);
  const own = (await state()).hands[2].source;
  assert.deepEqual(await queueShown(), [health, agriculture, own]);
  assert.match(await at('own-hand').innerText(), /3/);
  await at('speaking-limit').selectOption('60');
  await at(`hand-up-${agriculture}`).click();
  await until('it has moved', async () => (await queueShown())[0] === agriculture);
  await at(`hand-refuse-${own}`).click();
  await until('refused', async () => (await queueShown()).length === 2);
  await shoot('queue-vi');
  await at('floor-next').click();
  await until('the first one speaks', async () => (await state()).floor === agriculture);
  await page.getByText(/còn 0:5\d/).waitFor();
  assert.equal(await at('speaking-timer').getAttribute('data-tone'), 'plain');
  await shoot('speaker-vi');
  assert.ok(hall);
});

test('the timer turns amber and red, and outlives the server and the tab', { timeout: 180_000 }, async () => {
  await system.admin.request('floor.limit', { meeting, speaking_limit_s: 10 });
  await until('amber or red', async () => (await at('speaking-timer').getAttribute('data-tone')) !== 'plain');
  await until('red', async () => (await at('speaking-timer').getAttribute('data-tone')) === 'red', { deadlineMs: 20_000 });
  await shoot('over-time-vi');
  const before = await state();
  await killHard(system.server.pid);
  await system.startServer();
  await page.reload();
  await at('speaking-timer').waitFor();
  assert.equal(await at('speaking-timer').getAttribute('data-tone'), 'red');
  assert.deepEqual((await state()).hands, before.hands);
  await at('floor-end').click();
  await until('nobody has the floor', async () => (await state()).floor === null);
});

test('the roll is called, answered by voice and button, and marked by the chair', { timeout: 180_000 }, async () => {
  await system.online(devices);
  await system.joined(meeting, devices);
  const health = await sourceOf(devices[2]);
  await at('tab-roll').click();
  await at('roll-start').click();
  await until('the silent one is called', async () => (await state()).roll.source === health, { deadlineMs: 30_000 });
  await at('roll-called').waitFor();
  await shoot('roll-vi');
  await at('roll-reason').fill('<img src=x onerror=alert(1)> họp huyện');
  await at('roll-mark-late').click();
  await until('marked', async () => (await system.seat(meeting, devices[2].code)).mark?.mark === 'late');
  await page.getByText('<img src=x onerror=alert(1)> họp huyện').waitFor();
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  const [first] = devices;
  assert.match(await at(`roll-${await sourceOf(first)}`).innerText(), new RegExp(`${WORDS.roll.present} \\(${WORDS.roll.by.voice}\\)`));
  await shoot('roll-done-vi');
});

test('the chair writes to sites with a ready phrase, and reads what a site writes', { timeout: 180_000 }, async () => {
  await at('join-camera').click(); // the reload has taken the own seat away
  await at('own-hand').waitFor();
  press(devices[0], 'say <img src=x onerror=alert(1)> mất tiếng');
  await page.getByText(WORDS.notes.tabUnread.replace('{{count}}', 1)).waitFor();
  await at('tab-notes').click();
  await page.getByText('<img src=x onerror=alert(1)> mất tiếng').waitFor();
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  await at('note-to').selectOption('everyone');
  await at('phrase-mute').click();
  await at('note-send').click();
  await until('the box has it', () => readFileSync(devices[1].log, 'utf8').includes(WORDS.notes.phrase.mute));
  await at('notice').waitFor(); // the page has a seat too
  await shoot('notes-vi');
  await page.getByRole('button', { name: 'EN: English' }).click();
  await at('tab-roll').click();
  await shoot('roll-en');
  await page.getByRole('button', { name: 'VI: Tiếng Việt' }).click();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await at('tab-queue').click();
  await at('tab-queue').scrollIntoViewIfNeeded();
  await shoot('queue-phone-dark-vi');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
});

test('afterwards the report is found without diacritics and downloaded', { timeout: 180_000 }, async () => {
  await at('close-meeting').click();
  await at('close-confirm').click();
  await at('to-history').click();
  await at('history-search').fill('GIAO ban tuan');
  await at(`past-${meeting}`).waitFor();
  await shoot('history-vi');
  await at('history-search').fill('không có');
  await until('nothing is found', async () => (await at(`past-${meeting}`).count()) === 0);
  await at('history-search').fill('');
  await at(`past-${meeting}`).getByRole('link').click();
  await at(`report-row-${devices[0].code}`).waitFor();
  assert.match(await at(`report-row-${devices[2].code}`).innerText(), /Đến muộn[^]*họp huyện/);
  await shoot('report-vi');
  for (const format of ['pdf', 'xlsx', 'csv']) {
    const [download] = await Promise.all([page.waitForEvent('download'), at(`report-${format}`).click()]);
    assert.equal(download.suggestedFilename(), `diem-danh-${meeting}.${format}`);
    assert.ok(readFileSync(await download.path()).length > 500);
  }
});

test('the page had no complaint', () => assert.deepEqual(troubles, []));
