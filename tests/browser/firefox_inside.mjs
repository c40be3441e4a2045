// Runs inside the network namespace of firefox.test.mjs: the system, the devices and Firefox. Its last line is
// what was seen, as JSON.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';

import { SCREENSHOT_DIR } from '../support/paths.mjs';
import { mean } from '../support/pattern.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { sleep, until, within } from '../support/until.mjs';
import { Witness } from './watch.mjs';

const DEVICES = 2; // the first speaks
const LOOK_MS = 90_000; // ends before the test that waits for it, so that nothing is left running
const [address] = process.argv.slice(2);

const launch = () => puppeteer.launch({
  browser: 'firefox',
  executablePath: '/usr/bin/firefox-esr',
  headless: true,
  acceptInsecureCerts: true,
  protocolTimeout: 60_000,
  defaultViewport: { width: 1440, height: 900 },
  extraPrefsFirefox: {
    'media.navigator.streams.fake': true,
    'media.navigator.permission.disabled': true,
    'media.peerconnection.ice.obfuscate_host_addresses': false,
    'media.peerconnection.ice.loopback': true,
    'media.autoplay.default': 0,
    'intl.accept_languages': 'vi,en',
  },
});

const at = (name) => `[data-testid="${name}"]`;

/** Spread of luma in a cell: a flat placeholder has none. */
function detail(picture, cell) {
  const lumas = [];
  for (let y = 0.15; y < 0.7; y += 0.1) {
    for (let x = 0.1; x < 0.9; x += 0.1) {
      lumas.push(mean(picture, {
        x: (cell.x + x * cell.w) * picture.width, y: (cell.y + y * cell.h) * picture.height,
        w: 0.05 * cell.w * picture.width, h: 0.05 * cell.h * picture.height,
      })[0]);
    }
  }
  const middle = lumas.reduce((sum, luma) => sum + luma, 0) / lumas.length;
  return { lumas, spread: Math.sqrt(lumas.reduce((sum, luma) => sum + (luma - middle) ** 2, 0) / lumas.length) };
}

/** Mutes the one who speaks, makes the other one big, closes the session: what came of each. */
async function rule(system, page, witness, id) {
  const seat = async (code) => (await system.seat(id, code));
  const [speaker, other] = await Promise.all(CODES.slice(0, 2).map(seat));
  const muteMs = await witness.timeToNoEnergy(`mute-${speaker.source}`);
  const { muted } = await until('the mute', async () => {
    const now = await seat(CODES[0]);
    return now.muted && now;
  });
  await page.locator(at(`spotlight-${other.source}`)).click();
  const { cell } = await until('the big cell', async () => {
    const now = await seat(CODES[1]);
    return now.cell?.w > 0.5 && now;
  });
  await witness.seesEach(async () => (await system.meeting(id)).seats.filter(({ site }) => site === CODES[1]), () => 1);
  await page.locator(at('close-meeting')).click();
  await page.locator(at('close-confirm')).click();
  await until('the session is closed', async () => (await system.admin.request('meeting.list')).meetings.length === 0);
  return { muted, muteMs, bigCell: cell, isClosed: true };
}

async function look(system, browser) {
  const seen = { browser: await browser.version(), sites: DEVICES };
  const page = await browser.newPage();
  const witness = new Witness(page);
  await page.goto(`${system.base}/`);
  await page.locator(at('login-name')).fill(USER.name);
  await page.locator(at('login-password')).fill(USER.password);
  await page.locator(at('login-submit')).click();
  await page.waitForSelector(at('select-online'));
  await page.locator(at('select-online')).click();
  await page.locator(at('meeting-title')).fill('Firefox');
  await page.locator(at('layout-2x2')).click();
  await page.locator(at('open-meeting')).click();
  const { id } = await until('the meeting', async () => (await system.admin.request('meeting.list')).meetings[0]);
  await system.joined(id, system.devices);
  const seats = async () => (await system.meeting(id)).seats;
  seen.joined = (await seats()).filter(({ state }) => state === 'joined').length;
  await until('pictures', async () => (await witness.stats())?.frames > 10, { deadlineMs: 20_000 });
  seen.cellsWrong = await witness.seesEach(seats, ({ site }) => CODES.indexOf(site)).then(() => null, (error) => error.message);
  Object.assign(seen, await witness.rates(3_000));
  const { width, height } = await witness.stats();
  Object.assign(seen, { width, height });
  await page.locator(at('join-camera')).click();
  const own = await until('the own cell', async () => (await seats()).find(({ site, cell, video }) => site === null && cell && video === 'live'), { deadlineMs: 20_000 });
  await sleep(500); // the first frames of a camera may be black
  const before = detail(await witness.picture(), own.cell);
  await sleep(700);
  const later = detail(await witness.picture(), own.cell);
  seen.ownCell = own.cell;
  seen.ownVideo = own.video;
  seen.ownDetail = later.spread;
  seen.ownChange = later.lumas.reduce((sum, luma, i) => sum + Math.abs(luma - before.lumas[i]), 0) / later.lumas.length;
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOT_DIR, 'firefox-meeting-vi.png') });
  Object.assign(seen, await rule(system, page, witness, id));
  return seen;
}

const system = await System.start({ host: address, settings: { 'media.loopback': false, 'media.address': address } });
let browser;
try {
  await system.startDevices(Array.from({ length: DEVICES }, (_, i) => ({ isSilent: i > 0 })));
  browser = await launch();
  const seen = await within(LOOK_MS, 'Firefox sees it all', look(system, browser));
  await browser.close();
  await system.stop();
  console.log(JSON.stringify(seen));
} catch (error) {
  console.error(error);
  await browser?.close();
  await system.stop().catch(console.error);
  process.exit(1);
}
