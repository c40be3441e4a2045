// `scripts/demo --check`: a real browser joins the demo's meeting and says whether picture and sound are what
// they should be. The last line is JSON; exit 0 when all is well, 1 when not.
//
//   node tests/browser/check.mjs --url URL --user NAME --password TEXT --ctl PATH --runtime DIR --meeting ID --sites N
import path from 'node:path';

import { AdminClient } from '../support/admin_client.mjs';
import { run } from '../support/child.mjs';
import { killHard } from '../support/system.mjs';
import { nowMs, until } from '../support/until.mjs';
import { launchChromium } from './chromium.mjs';
import { Witness } from './watch.mjs';

const CAMERA = 9; // the pattern of the browser's own camera
const FPS_MIN = 20;
const MUTE_MS_MAX = 200;
const RESPAWN_MS_MAX = 3_000;
const ENERGY_MIN = 1e-5;
const PIXELS_EVERY = 4; // one of so many pixels is compared

function readOptions(words) {
  const options = {};
  for (let i = 0; i < words.length; i += 2) {
    options[words[i].replace(/^--/, '')] = words[i + 1];
  }
  for (const name of ['url', 'user', 'password', 'ctl', 'runtime', 'meeting', 'sites']) {
    if (options[name] === undefined) {
      throw new Error(`--${name} is missing`);
    }
  }
  return { ...options, sites: Number(options.sites), meeting: Number(options.meeting) };
}

const say = (text) => console.log(`   ${text}`);

/** Lumas of a cell's upper part (the label is below). */
function lumasOf(picture, cell) {
  const lumas = [];
  for (let y = cell.y * picture.height + 4; y < (cell.y + 0.75 * cell.h) * picture.height; y += PIXELS_EVERY) {
    for (let x = cell.x * picture.width + 4; x < (cell.x + cell.w) * picture.width - 4; x += PIXELS_EVERY) {
      lumas.push(picture.yuv(Math.floor(x), Math.floor(y))[0]);
    }
  }
  return lumas;
}

function deviation(lumas) {
  const middle = lumas.reduce((sum, luma) => sum + luma, 0) / lumas.length;
  return Math.sqrt(lumas.reduce((sum, luma) => sum + (luma - middle) ** 2, 0) / lumas.length);
}

const moved = (before, now) => before.reduce((sum, luma, i) => sum + Math.abs(luma - now[i]), 0) / before.length;

class Check {
  constructor(options, admin, page) {
    Object.assign(this, { options, admin, page });
    this.witness = new Witness(page);
  }

  async seats() {
    const { meetings } = await this.admin.request('meeting.list');
    return meetings.find(({ id }) => id === this.options.meeting).seats;
  }

  async sites() {
    return (await this.seats()).filter(({ site }) => site !== null);
  }

  async logIn() {
    const { page, options } = this;
    await page.goto(`${options.url}#/meeting/${options.meeting}`);
    await page.locator('[data-testid="login-name"]').fill(options.user);
    await page.locator('[data-testid="login-password"]').fill(options.password);
    await page.locator('[data-testid="login-submit"]').click();
    await page.locator('[data-testid="program"]').waitFor();
    await until('pictures', async () => (await this.witness.stats())?.frames > 10, { deadlineMs: 20_000 });
  }

  /** How many sites are in a cell whose picture has content and moves. */
  async cellsOk() {
    const alive = new Set();
    const first = await this.witness.picture();
    const before = new Map((await this.sites()).filter(({ cell }) => cell).map(({ site, cell }) => [site, lumasOf(first, cell)]));
    await until('every cell moves', async () => {
      const now = await this.witness.picture();
      for (const { site, state, cell } of await this.sites()) {
        const old = before.get(site);
        const lumas = cell && state === 'joined' ? lumasOf(now, cell) : [];
        if (old?.length === lumas.length && deviation(lumas) > 8 && moved(old, lumas) > 0.3) {
          alive.add(site);
        }
      }
      return alive.size === this.options.sites;
    }, { deadlineMs: 15_000, everyMs: 300 }).catch((error) => say(error.message));
    return alive.size;
  }

  /** Speech comes and goes: energy within one turn of the demo's sites. */
  async audioOk() {
    const { audioEnergy } = await this.witness.stats();
    return until('sound', async () => (await this.witness.stats()).audioEnergy - audioEnergy > ENERGY_MIN, { deadlineMs: 15_000 })
      .then(() => true, () => false);
  }

  async joinCamera() {
    await this.page.locator('[data-testid="join-camera"]').click();
    const own = ({ site, cell, video }) => site === null && cell && video === 'live';
    return until('the own camera in a cell', async () => (await this.seats()).find(own), { deadlineMs: 15_000 })
      .then(() => true, (error) => say(error.message) ?? false);
  }

  /**
   * Mutes, all at once but one, a site that is speaking, and measures the sound until it is silent. The others
   * are muted first, so that nobody else fills the silence. What the sound waits in the browser's own buffer is
   * told apart: it is not ours.
   */
  async mute() {
    const { meeting } = this.options;
    await this.witness.tones([400]); // opens the ear
    try {
      const speaker = await this.speaker();
      await this.admin.request('seat.mute_all', { meeting, except: [speaker] });
      const waitMs = await this.witness.soundWaitMs();
      const heardMs = await this.witness.timeToSilence(`mute-${speaker}`, { quietDb: -60 });
      return heardMs === null ? null : { heardMs, waitMs };
    } catch (error) {
      say(error.message);
      return null;
    } finally {
      for (const { source, muted } of await this.seats()) {
        if (muted) {
          await this.admin.request('seat.mute', { meeting, source, muted: false });
        }
      }
    }
  }

  /** A site that has just begun to speak: its turn lasts long enough. */
  async speaker() {
    const loudest = () => this.admin.events.filter(({ type }) => type === 'voices').at(-1)?.voices
      .filter(({ level }) => level < 50).sort((a, b) => a.level - b.level)[0]?.source;
    const sources = new Set((await this.sites()).map(({ source }) => source));
    const before = loudest();
    return until('another site begins to speak', () => {
      const now = loudest();
      return now !== before && sources.has(now) && now;
    }, { deadlineMs: 12_000, everyMs: 20 });
  }

  /** kill -9 of the mixer until new pictures are decoded again. */
  async respawnMs() {
    const { meeting } = this.options;
    const pidNow = async () => (await this.admin.request('server.status')).mixers.find((mixer) => mixer.meeting === meeting)?.pid;
    const pid = await pidNow();
    await killHard(pid);
    const startMs = nowMs();
    try {
      await until('another mixer', async () => {
        const now = await pidNow();
        return now && now !== pid;
      }, { everyMs: 20 });
      const { frames } = await this.witness.stats();
      await until('new pictures', async () => (await this.witness.stats()).frames > frames, { deadlineMs: 15_000, everyMs: 20 });
      return Math.round(nowMs() - startMs);
    } catch (error) {
      say(error.message);
      return null;
    }
  }
}

async function check(options) {
  const doctor = await run(options.ctl, ['--runtime', options.runtime, '--json', 'meeting', 'list']);
  if (doctor.code !== 0) {
    throw new Error(`${options.ctl}: ${doctor.stderr}`);
  }
  const admin = await AdminClient.connect(path.join(options.runtime, 'server.sock'));
  await admin.request('page.watch');
  const browser = await launchChromium({ camera: CAMERA });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 1440, height: 900 } });
    const one = new Check(options, admin, await context.newPage());
    say('Chromium joins the meeting');
    await one.logIn();
    const result = { sites: options.sites };
    result.cells_ok = await one.cellsOk();
    result.browser_fps = Number((await one.witness.rates(3_000)).fps.toFixed(1));
    result.audio_ok = await one.audioOk();
    say('it mutes a site that speaks');
    const mute = await one.mute();
    result.mute_ms = mute && Math.max(mute.heardMs - mute.waitMs, 0);
    result.mute_heard_ms = mute && mute.heardMs;
    say('it joins with its camera');
    result.camera_ok = await one.joinCamera();
    say('the mixer is killed');
    result.mixer_respawn_ms = await one.respawnMs();
    result.ok = result.cells_ok === options.sites && result.browser_fps >= FPS_MIN && result.audio_ok && result.camera_ok
      && result.mute_ms !== null && result.mute_ms <= MUTE_MS_MAX
      && result.mixer_respawn_ms !== null && result.mixer_respawn_ms <= RESPAWN_MS_MAX;
    return result;
  } finally {
    await browser.close();
    admin.close();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  const result = await check(options);
  console.log(JSON.stringify(result));
  process.exit(result.ok ? 0 : 1);
} catch (error) {
  console.log(JSON.stringify({ ok: false, error: error.message }));
  process.exit(1);
}
