// Recording from the page in Chromium: the lamp, its alarm, the list, playing over a gap, downloading, deleting.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { flashClip } from '../support/input.mjs';
import { ROOT, SCREENSHOT_DIR } from '../support/paths.mjs';
import { System, USER, killHard } from '../support/system.mjs';
import { sleep, until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';

const WORDS = JSON.parse(readFileSync(path.join(ROOT, 'signalling/web/src/i18n/vi.json'), 'utf8')).recordings;

let system;
let devices;
let meeting;
let browser;
let page;
const troubles = [];

const at = (name, where = page) => where.locator(`[data-testid="${name}"]`);
const shoot = (name) => page.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`), fullPage: true });
const lamp = () => at('recording-lamp');

before(async () => {
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  system = await System.start({ settings: { 'recording.reserve_mib': 10 } });
  devices = await system.startDevices([{ clip: await flashClip() }]);
  meeting = await system.openMeeting(devices, { layout: '1', title: 'Giao ban quý IV: Cái Bè – Gò Công Đông' });
  browser = await launchChromium();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1280, height: 800 } });
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
  await page.getByText('Giao ban quý IV').waitFor();
  await page.goto(`${system.base}/#/meeting/${meeting}`);
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

test('one press records: everybody is told, the lamp is lit and its time goes on', { timeout: 60_000 }, async () => {
  assert.equal(await lamp().count(), 0);
  await at('record').click();
  await lamp().waitFor();
  await page.getByText(WORDS.notice).first().waitFor();
  assert.match(await lamp().textContent(), new RegExp(WORDS.on));
  assert.equal(await lamp().getAttribute('data-alarm'), 'false');
  await until('the time goes on', async () => /0:0[3-9]/.test(await lamp().textContent()));
  await shoot('recording-on-vi');
});

test('the lamp is red with its reason while nothing reaches the disk, and is well again by itself', { timeout: 60_000 }, async () => {
  await sleep(4_000);
  const [{ id }] = (await system.meeting(meeting)).recordings;
  const folder = path.join(system.dir, 'data/recordings', String(id));
  const { mixers } = await system.mediaPids();
  await killHard(mixers[meeting]);
  renameSync(folder, `${folder}.away`);
  await until('the alarm', async () => (await lamp().getAttribute('data-alarm')) === 'true');
  await until('its reason', async () => (await lamp().textContent()).includes(WORDS.alarm.disk));
  await shoot('recording-alarm-vi');
  renameSync(`${folder}.away`, folder);
  await until('it is well', async () => (await lamp().getAttribute('data-alarm')) === 'false', { deadlineMs: 15_000 });
  await sleep(4_000);
});

test('stopped, it is in the list with its length and its gap', { timeout: 60_000 }, async () => {
  await at('record').click();
  await lamp().waitFor({ state: 'detached' });
  await at('to-recordings').click();
  await at('play').waitFor();
  const text = await page.locator('li[data-testid^="recording-"]').textContent();
  assert.match(text, /Giao ban quý IV/);
  assert.match(text, /0:[12]\d/);
  await shoot('recordings-vi');
});

/** Plays [from, to] and notes when the picture is bright and when the sound is loud: how much later the beeps are. */
const watch = (from, to) => page.evaluate(async ([begin, end]) => {
  const video = document.querySelector('video');
  if (!window.ear) {
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaElementSource(video).connect(analyser);
    analyser.connect(context.destination);
    window.ear = analyser;
  }
  const canvas = new OffscreenCanvas(16, 9);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const samples = new Float32Array(512);
  video.currentTime = begin;
  await video.play();
  const flashes = [];
  const beeps = [];
  let [wasBright, wasLoud] = [true, true];
  while (video.currentTime < end && !video.ended) {
    await new Promise((resolve) => setTimeout(resolve, 4));
    pen.drawImage(video, 0, 0, 16, 9);
    const isBright = pen.getImageData(8, 3, 1, 1).data[1] > 130;
    window.ear.getFloatTimeDomainData(samples);
    const isLoud = Math.max(...samples) > 0.03;
    if (isBright && !wasBright) flashes.push(performance.now());
    if (isLoud && !wasLoud) beeps.push(performance.now());
    [wasBright, wasLoud] = [isBright, isLoud];
  }
  video.pause();
  return flashes.map((flash) => beeps.map((beep) => Math.round(beep - flash)).sort((a, b) => Math.abs(a) - Math.abs(b))[0]);
}, [from, to]);

test('it plays in the page, can be sought, and picture and sound are in step after the gap too', { timeout: 90_000 }, async (t) => {
  await at('play').click();
  await until('it plays', () => page.evaluate(() => document.querySelector('video')?.currentTime > 1));
  const duration = await page.evaluate(() => document.querySelector('video').duration);
  const [recording] = (await system.admin.request('recording.list')).recordings;
  assert.ok(Math.abs(duration * 1000 - recording.duration_ms) < 100, `${duration} s of ${recording.duration_ms} ms`);
  await shoot('recording-player-vi');
  // Played through, as somebody would: the gap lies in the middle.
  const offsets = await watch(0, duration - 0.3);
  t.diagnostic(`beep after flash in Chromium, over a gap of ${recording.gap_ms} ms: ${offsets}`);
  // A browser beside the whole system on a small machine looks late now and then, so this is coarse; what would be wrong
  // is wrong by the length of the gap. The exact offset is judged in integration/recording.test.mjs.
  const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  for (const part of [offsets.slice(0, offsets.length >> 1), offsets.slice(-3)]) {
    assert.ok(Math.abs(middle(part)) <= 500, `${part} of ${offsets}`);
  }
  const sought = await watch(duration - 5, duration - 0.3);
  t.diagnostic(`after seeking: ${sought}`);
  assert.ok(sought.length >= 1);
});

test('it can be downloaded under its name, and is deleted after one question', { timeout: 60_000 }, async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), at('download').click()]);
  assert.match(download.suggestedFilename(), /^Giao ban quý IV- Cái Bè – Gò Công Đông .*\.webm$/);
  await download.cancel();
  await at('delete').click();
  await at('delete-confirm').click();
  await page.getByText(WORDS.none).waitFor();
  assert.deepEqual((await system.admin.request('recording.list')).recordings, []);
});

test('nothing went wrong in the page', () => {
  assert.deepEqual(troubles, []);
});
