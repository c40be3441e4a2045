// Invitations in Chromium: addresses pasted, letters sent, and the invited who answers on the plain page.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { readMail, SmtpServer } from '../support/smtp_server.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';

const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8'));
const SITES = CODES.slice(0, 3);
const TITLE = 'Giao ban tuần UBND tỉnh';

let smtp;
let system;
let browser;
let page;
let schedule;
const troubles = [];

const at = (name) => page.locator(`[data-testid="${name}"]`);
const shoot = (name, from = page) => from.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`) });

function listen(to) {
  to.setDefaultTimeout(15_000);
  to.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  to.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401|favicon/.test(message.text())) {
      troubles.push(`console: ${message.text()}`);
    }
  });
}

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  smtp = await SmtpServer.start();
  system = await System.start({ settings: { 'mail.url': smtp.url, 'mail.from': 'hop@tinh.example' } });
  ({ schedule } = await system.admin.request('schedule.set', {
    start_ms: Date.now() + 3_600_000, minutes: 90, plan: { title: TITLE, sites: SITES, agenda: ['Báo cáo tháng', 'Kết luận'] },
  }));
  browser = await launchChromium();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  listen(page);
  await page.goto(system.base);
  await at('login-name').fill(USER.name);
  await at('login-password').fill(USER.password);
  await at('login-submit').click();
  await at('site-tree').waitFor();
});

after(async () => {
  await browser?.close();
  await system?.stop();
  await smtp?.stop();
});

test('addresses are pasted from a list, and a wrong line is named', { timeout: 60_000 }, async () => {
  await page.goto(`${system.base}/#/invitations?schedule=${schedule}`);
  await at('contacts').click();
  await at('contacts-text').fill(`${SITES[0]} mot@xa.example\n${SITES[1]} hai(a)xa.example`);
  await page.getByText(`${SITES[1]} hai(a)xa.example`).last().waitFor();
  assert.ok(await at('contacts-save').isDisabled());
  await at('contacts-text').fill(`${SITES[0]} mot@xa.example\n${SITES[1]};hai@xa.example`);
  await at('contacts-save').click();
  await at(`invitation-${SITES[1]}`).getByText('hai@xa.example').waitFor();
});

test('letters go out, and one that could not shows why', { timeout: 60_000 }, async () => {
  smtp.refuse = (address) => (address.startsWith('hai') ? '550 5.1.1 no such mailbox' : undefined);
  await at('invitation-send').click();
  await until('one is sent', async () => (await at(`invitation-${SITES[0]}`).getAttribute('data-state')) === 'sent');
  await until('one is refused', async () => (await at(`invitation-${SITES[1]}`).getAttribute('data-state')) === 'failed');
  await at(`invitation-${SITES[1]}`).getByText('550').waitFor();
  await page.getByText(WORDS.invitation.without_other.replace('{{count}}', 1)).waitFor();
});

test('the invited answers on a plain page, and the names are on the board at once', { timeout: 60_000 }, async () => {
  const { parts } = readMail(smtp.letters[0].text);
  const { pathname } = new URL(/https:\/\/\S+\/invitation\/\S+/.exec(parts[0].text)[0]);
  const phone = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  const invited = await phone.newPage();
  listen(invited);
  await invited.goto(`${system.base}${pathname}`);
  await invited.getByText(TITLE).waitFor();
  await invited.locator('textarea').fill('Nguyễn Văn A, Chủ tịch UBND xã\nTrần Thị B, Văn phòng');
  await shoot('invitation-answer-vi', invited);
  await invited.locator('button').click();
  await invited.getByText('Đã ghi nhận').waitFor();
  await phone.close();
  await at(`invitation-${SITES[0]}`).getByText('Trần Thị B, Văn phòng').waitFor();
  await page.getByText(WORDS.invitation.summary.replace('{{accepted}}', 1).replace('{{declined}}', 0).replace('{{total}}', 3)).waitFor();
  await shoot('invitations-vi');
});

test('in the meeting the names are at hand', { timeout: 60_000 }, async () => {
  const { meeting } = await system.admin.request('schedule.open', { schedule });
  await page.goto(`${system.base}/#/meeting/${meeting}`);
  await at('attendees').click();
  await page.getByText('Nguyễn Văn A, Chủ tịch UBND xã').waitFor();
  await shoot('meeting-attendees-vi');
});

test('the pages complained about nothing', () => {
  assert.deepEqual(troubles, []);
});
