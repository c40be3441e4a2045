// What a host does, in Chromium, from the set-up link to the end of a session, on the real system.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { CODES, System, USER, killHard } from '../support/system.mjs';
import { toneHz } from '../support/tone.mjs';
import { until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';
import { Witness } from './watch.mjs';

const DEVICES = 4;
const SPEAKERS = 2;
const CAMERA = 9; // pattern and tone of the browser's own camera
const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8'));
const TITLE = 'Giao ban trực tuyến – Chromium';

let system;
let browser;
let page;
let witness;
let meeting;
const troubles = []; // what the page's console and network complain about

const at = (name) => page.locator(`[data-testid="${name}"]`);
const seats = async () => (await system.meeting(meeting)).seats;
const indexOf = ({ site }) => (site === null ? CAMERA : CODES.indexOf(site));
const seatOf = async (code) => (await seats()).find(({ site }) => site === code);

async function shoot(name, from = page) {
  await from.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`) });
}

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start({ user: false });
  browser = await launchChromium({ camera: CAMERA });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1440, height: 900 },
  });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) {
      troubles.push(`console: ${message.text()}`);
    }
  });
  witness = new Witness(page);
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

test('the set-up link makes the first user, who sees all 207 sites', { timeout: 60_000 }, async () => {
  const { url } = await system.admin.request('setup.link');
  const token = /token=([^&]+)/.exec(url)[1];
  await page.goto(`${system.base}/#/setup?token=${token}`);
  await at('setup-form').waitFor();
  await shoot('setup-vi');
  await at('login-name').fill(USER.name);
  await at('login-password').fill(USER.password);
  await at('login-submit').click();
  await at('site-tree').waitFor();
  await page.getByRole('button', { name: WORDS.home.expandAll, exact: true }).click();
  await until('207 rows', async () => (await page.locator('[data-testid^="site-row-"]').count()) === 207);
  await shoot('home-offline-vi');
});

test('a wrong password is refused and the right one lets in', { timeout: 60_000 }, async () => {
  const other = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1440, height: 900 } });
  const entry = await other.newPage();
  await entry.goto(system.base);
  await entry.locator('[data-testid="login-name"]').fill(USER.name);
  await entry.locator('[data-testid="login-password"]').fill('sai rồi');
  await entry.locator('[data-testid="login-submit"]').click();
  await entry.locator('[data-testid="login-error"]').waitFor();
  await shoot('login-vi', entry);
  await entry.locator('[data-testid="login-password"]').fill(USER.password);
  await entry.locator('[data-testid="login-submit"]').click();
  await entry.locator('[data-testid="site-tree"]').waitFor();
  await other.close();
});

test('the tree shows a site online as soon as its device is', { timeout: 60_000 }, async (t) => {
  const state = (code) => at(`site-row-${code}`).getAttribute('data-state');
  assert.notEqual(await state('TG'), 'online');
  await system.startDevices(Array.from({ length: DEVICES }, (_, i) => ({ isSilent: i >= SPEAKERS })));
  const startMs = performance.now();
  await until('all are shown online', async () => {
    const states = await Promise.all(CODES.slice(0, DEVICES).map(state));
    return states.every((name) => name === 'online');
  });
  t.diagnostic(`shown ${Math.round(performance.now() - startMs)} ms after the server knew`);
});

test('the search finds a site without diacritics', { timeout: 30_000 }, async () => {
  await at('search').first().fill('cai be');
  await until('others are hidden', async () => (await at('site-row-MT').count()) === 0);
  assert.ok(await at('site-row-CB').isVisible());
  await at('search').first().fill('my tho');
  await at('site-row-MT').waitFor();
  await at('search').first().fill('');
});

test('a press opens a session with the chosen sites, and they all come', { timeout: 60_000 }, async (t) => {
  for (const code of CODES.slice(0, DEVICES)) {
    await at('search').first().fill(code);
    await at(`site-row-${code}`).locator('input').check();
  }
  await at('search').first().fill('');
  await at('meeting-title').fill(TITLE);
  await at('layout-3x3').click();
  await shoot('home-vi');
  const startMs = performance.now();
  await at('open-meeting').click();
  await page.getByText(WORDS.meeting.joined.replace('{{joined}}', DEVICES).replace('{{total}}', DEVICES)).waitFor();
  t.diagnostic(`all joined ${Math.round(performance.now() - startMs)} ms after the press`);
  meeting = (await system.admin.request('meeting.list')).meetings[0].id;
  assert.equal((await system.meeting(meeting)).title, TITLE);
});

test('the program shows every site in its cell, at 20 pictures a second or more', { timeout: 60_000 }, async (t) => {
  await witness.seesEach(seats, indexOf);
  const { fps } = await witness.rates(3_000);
  const { width, height } = await witness.stats();
  t.diagnostic(`${fps.toFixed(1)} fps, ${width}x${height}`);
  assert.ok(fps >= 20, `${fps} fps`);
  await shoot('meeting-vi');
});

test('each site shows how good its connection is, in words too', { timeout: 30_000 }, async (t) => {
  for (const { source, name } of await seats()) {
    const mark = at(`quality-${source}`);
    await until(`${name} is measured`, async () => (await mark.getAttribute('data-grade')) === 'good');
    assert.match(await mark.getAttribute('aria-label'), /^mất gói 0 %, trễ \d+ ms, \d+p, nhận \d+ kbit\/s, gửi \d+ kbit\/s$/);
  }
  t.diagnostic(await at(`quality-${(await seats())[0].source}`).getAttribute('title'));
  await page.getByText(WORDS.meeting.worstFirst).click();
  assert.ok(await at('worst-first').isChecked());
  await shoot('meeting-quality-vi');
  await page.getByText(WORDS.meeting.worstFirst).click();
});

test('the sites that speak are heard', { timeout: 30_000 }, async (t) => {
  const { audioEnergy } = await witness.rates(1_000);
  assert.ok(audioEnergy > 1e-4, `${audioEnergy}`);
  const levels = await until('two tones', async () => {
    const heard = await witness.tones([0, 1, 2, 3].map(toneHz));
    return Math.min(heard[0], heard[1]) > Math.max(heard[2], heard[3]) + 30 && heard;
  });
  t.diagnostic(`tones of four sites, dB: ${levels.map(Math.round).join(', ')}`);
});

test('the host joins with the own camera and sees it in a cell, without hearing itself', { timeout: 60_000 }, async (t) => {
  const startMs = performance.now();
  await at('join-camera').click();
  await at('leave-camera').waitFor();
  await until('the own seat is in a cell', async () => (await seats()).some(({ site, cell }) => site === null && cell));
  await witness.seesEach(seats, indexOf);
  t.diagnostic(`seen ${Math.round(performance.now() - startMs)} ms after the press`);
  const levels = await until('the others', async () => {
    const heard = await witness.tones([0, 1, CAMERA].map(toneHz));
    return Math.min(heard[0], heard[1]) > -60 && heard;
  });
  assert.ok(levels[2] < Math.min(levels[0], levels[1]) - 30, `own tone at ${levels} dB`);
  await shoot('meeting-joined-vi');
});

test('a muted site is not heard any more, and heard again', { timeout: 60_000 }, async (t) => {
  const { source } = await seatOf(CODES[1]);
  await at(`mute-${source}`).click();
  const isMuted = async () => (await seatOf(CODES[1])).muted;
  await until('the seat is muted', isMuted);
  await until('its tone is gone', async () => {
    const [other, muted] = await witness.tones([toneHz(0), toneHz(1)]);
    return muted < other - 30;
  });
  // With the last speaker the whole sound ends: the time of that can be measured.
  const last = await seatOf(CODES[0]);
  const waitMs = await witness.soundWaitMs(500);
  const ms = await witness.timeToSilence(`mute-${last.source}`);
  t.diagnostic(`mute_ms ${ms}, of which ${waitMs} in the browser's own buffer`);
  assert.ok(ms !== null && ms - waitMs <= 200, `silent ${ms} ms after the press, ${waitMs} of them in the browser`);
  await shoot('meeting-muted-vi');
  await at(`mute-${source}`).click();
  await at(`mute-${last.source}`).click();
  await until('both are heard', async () => Math.min(...(await witness.tones([toneHz(0), toneHz(1)]))) > -60);
});

test('a site made big is big, and small again', { timeout: 60_000 }, async () => {
  const { source } = await seatOf(CODES[2]);
  await at(`spotlight-${source}`).click();
  await until('its cell is big', async () => (await seatOf(CODES[2])).cell?.w > 0.5);
  await witness.seesEach(seats, indexOf);
  await shoot('meeting-big-vi');
  await at(`spotlight-${source}`).click();
  await until('its cell is small', async () => (await seatOf(CODES[2])).cell?.w < 0.5);
  await witness.seesEach(seats, indexOf);
});

test('the page survives the death of the mixer', { timeout: 60_000 }, async (t) => {
  const { mixers } = await system.mediaPids();
  const before = await witness.stats();
  await killHard(mixers[meeting]);
  const startMs = performance.now();
  await until('another mixer', async () => {
    const pid = (await system.mediaPids()).mixers[meeting];
    return pid && pid !== mixers[meeting];
  });
  const base = (await witness.stats()).frames;
  await until('new pictures', async () => (await witness.stats()).frames > base + 5, { everyMs: 25 });
  t.diagnostic(`mixer_respawn_ms ${Math.round(performance.now() - startMs)}`);
  await witness.seesEach(seats, indexOf);
  assert.ok((await witness.stats()).frames > before.frames, 'the same media session goes on');
});

test('the page survives a restart of the server with its picture going on', { timeout: 60_000 }, async (t) => {
  const before = await witness.stats();
  await killHard(system.server.pid);
  await at('reconnect-banner').waitFor();
  const { fps } = await witness.rates(1_500);
  await shoot('meeting-reconnecting-vi');
  await system.startServer(); // before anything is judged: the tests that follow need it
  assert.ok(fps >= 20, `${fps} fps without a server`);
  await at('reconnect-banner').waitFor({ state: 'detached', timeout: 40_000 });
  const now = await witness.stats();
  assert.ok(now.frames > before.frames, 'the same media session goes on');
  t.diagnostic(`${fps.toFixed(1)} fps without a server, ${now.freezes - before.freezes} freezes`);
  await system.online(system.devices);
  await witness.seesEach(seats, indexOf, { deadlineMs: 20_000 });
});

test('the host gives the camera back', { timeout: 30_000 }, async () => {
  await at('leave-camera').click();
  await at('join-camera').waitFor();
  await until('the seat is gone', async () => (await seats()).every(({ site, state }) => site !== null || state !== 'joined'));
});

test('English, dark and phone look right', { timeout: 60_000 }, async () => {
  const state = await page.context().storageState();
  const open = async (name, options, route, ready) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState: state, ...options });
    const other = await context.newPage();
    await other.goto(`${system.base}/${route}`);
    await other.locator(`[data-testid="${ready}"]`).waitFor();
    if (ready === 'program') {
      const there = new Witness(other);
      await until('a picture', async () => (await there.stats())?.frames > 10);
    }
    const shown = await other.evaluate(() => document.documentElement.lang);
    assert.equal(shown, options.locale.slice(0, 2), `${name} is in ${shown}`);
    const wide = await other.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await shoot(name, other);
    await context.close();
    assert.ok(wide <= 0, `${name} is ${wide} px wider than the window`);
  };
  const inMeeting = `#/meeting/${meeting}`;
  const english = { locale: 'en-GB', viewport: { width: 1440, height: 900 } };
  const phone = { locale: 'vi-VN', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
  await open('home-en', english, '', 'site-tree');
  await open('meeting-en-dark', { ...english, colorScheme: 'dark' }, inMeeting, 'program');
  await open('home-vi-dark', { locale: 'vi-VN', colorScheme: 'dark', viewport: { width: 1440, height: 900 } }, '', 'site-tree');
  await open('home-vi-phone', phone, '', 'site-tree');
  await open('meeting-vi-phone', phone, inMeeting, 'program');
});

test('the session is closed with a question, and the sites are free', { timeout: 60_000 }, async () => {
  await at('close-meeting').click();
  await at('close-confirm').waitFor();
  await shoot('meeting-close-vi');
  await at('close-confirm').click();
  await at('site-tree').waitFor();
  assert.equal((await system.admin.request('meeting.list')).meetings.length, 0);
  await until('the rows are online again', async () => (await at('site-row-TG').getAttribute('data-state')) === 'online');
});

test('the page complained about nothing', () => {
  // While the server was down the page had to fail to reach it.
  const real = troubles.filter((text) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(text));
  assert.deepEqual(real, []);
});
