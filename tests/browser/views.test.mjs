// The pictures of a meeting and the streams of strangers, as the host sets them up on the page. In Chromium, on the real system.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { rest } from '../support/rest.mjs';
import { System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';
import { Witness } from './watch.mjs';

const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8'));
const NAME = 'Hội trường Ủy ban';

let system;
let browser;
let page;
let meeting;
let devices;

const at = (name) => page.locator(`[data-testid="${name}"]`);
const views = async () => (await system.admin.request('view.list', { meeting })).views;

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start();
  devices = await system.startDevices([{}, {}, {}]);
  meeting = await system.openMeeting(devices, { layout: '2x2' });
  browser = await launchChromium();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(system.base);
  await at('login-name').fill(USER.name);
  await at('login-password').fill(USER.password);
  await at('login-submit').click();
  await page.goto(`${system.base}/#/meeting/${meeting}`);
  await at('program').waitFor();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

test('a view is made for one site, watched here and changed, while the others keep theirs', { timeout: 90_000 }, async () => {
  const witness = new Witness(page);
  await at('views').click();
  await at('view-new').click();
  await at('view-name').fill(NAME);
  await at('view-layout').selectOption('1');
  await at('view-audience').selectOption(`sites:${devices[0].code}`);
  await at('view-save').click();
  await until('the site watches its view', async () => (await system.seat(meeting, devices[0].code)).view === 1);
  assert.equal((await system.seat(meeting, devices[1].code)).view, 0);
  await at('view-1').getByText(NAME).waitFor();
  await at('view-watch-1').click();
  await until('this page is shown the new view', async () => (await at('view-1').getAttribute('data-shown')) === 'true');
  await page.screenshot({ path: path.join(SCREENSHOT_DIR, 'views-vi.png') });
  await page.keyboard.press('Escape');
  await at('layout-1+1').click();
  await until('the layout of the shown view changed', async () => (await views())[1].layout === '1+1');
  assert.equal((await views())[0].layout, '2x2', 'the picture of all is as it was');
  await until('it moves', async () => (await witness.rates(1_000)).fps >= 20, { deadlineMs: 20_000 });
});

test('a view that was removed comes back by "undo"', { timeout: 60_000 }, async () => {
  await at('views').click();
  await at('view-remove-1').click();
  await until('it is gone', async () => (await views()).length === 1);
  await page.getByRole('button', { name: WORDS.app.undo, exact: true }).click();
  await until('it is back', async () => (await views())[1]?.name === NAME);
});

test('ready-made views replace all, after a word of warning', { timeout: 60_000 }, async () => {
  await at('view-preset').selectOption('plenary');
  await at('view-preset-apply').click();
  await until('the three views are there', async () => (await views()).length === 3);
  await at('view-2').waitFor();
  await page.keyboard.press('Escape');
});

test('a token for an encoder is made, shown once, good, and revoked', { timeout: 60_000 }, async () => {
  await at('streams').click();
  await at('stream-name').fill('Xe truyền hình lưu động');
  await at('stream-hours').fill('0');
  assert.equal(await at('stream-make').isDisabled(), true, 'no hours, no token');
  await at('stream-hours').fill('2');
  await at('stream-make').click();
  await at('stream-made').waitFor();
  await page.screenshot({ path: path.join(SCREENSHOT_DIR, 'streams-vi.png') });
  const token = await at('stream-token').inputValue();
  const url = new URL(await at('stream-url').inputValue());
  assert.match(url.pathname, new RegExp(`^/whip/${meeting}$`));
  const knock = async () =>
    (await rest(system.base, 'POST', url.pathname, { headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' }, body: 'hello\r\n' })).status;
  assert.equal(await knock(), 400, 'the token is taken, the offer is not');
  await page.keyboard.press('Escape');
  await at('streams').click();
  assert.equal(await at('stream-made').count(), 0, 'it is not shown again');
  const { tokens } = await system.admin.request('stream.list', { meeting });
  await at(`stream-revoke-${tokens[0].stream}`).click();
  await until('it is revoked', async () => (await knock()) === 401);
});
