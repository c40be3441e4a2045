// A browser page as a witness: what it shows and plays, in terms of the test patterns and tones.
import { read, rgba } from '../support/pattern.mjs';
import { until } from '../support/until.mjs';
import { grabProgram, grabStats, grabTones, timeToNoEnergy, timeToSilence } from './probes.mjs';

/** `page` is Playwright's or Puppeteer's: only evaluate() is used. */
export class Witness {
  constructor(page) {
    this.page = page;
  }

  /** The program's pixels as pattern.read() wants them, or null. */
  async picture() {
    const grabbed = await this.page.evaluate(grabProgram);
    return grabbed && rgba(Buffer.from(grabbed.rgba, 'base64'), grabbed.width, grabbed.height);
  }

  stats() {
    return this.page.evaluate(grabStats);
  }

  /** Pictures decoded a second and audio energy gained, over at least `ms`. */
  async rates(ms = 2_000) {
    const first = await this.stats();
    const last = await until(`statistics over ${ms} ms`, async () => {
      const now = await this.stats();
      return now.atMs - first.atMs >= ms && now;
    }, { deadlineMs: ms + 5_000 });
    return {
      fps: (last.frames - first.frames) / ((last.atMs - first.atMs) / 1_000),
      audioEnergy: last.audioEnergy - first.audioEnergy,
      audioPackets: last.audioPackets - first.audioPackets,
    };
  }

  /** How long sound waits in the browser's own jitter buffer, ms, over at least `ms`. */
  async soundWaitMs(ms = 1_000) {
    const first = await this.stats();
    const last = await until('some sound', async () => {
      const now = await this.stats();
      return now.atMs - first.atMs >= ms && now.audioSamples > first.audioSamples && now;
    }, { deadlineMs: ms + 5_000 });
    return Math.round(((last.audioWaitS - first.audioWaitS) / (last.audioSamples - first.audioSamples)) * 1_000);
  }

  tones(tonesHz) {
    return this.page.evaluate(grabTones, tonesHz);
  }

  timeToSilence(testId, { quietDb = -50, deadlineMs = 2_000 } = {}) {
    return this.page.evaluate(timeToSilence, { testId, quietDb, deadlineMs });
  }

  timeToNoEnergy(testId, { deadlineMs = 3_000 } = {}) {
    return this.page.evaluate(timeToNoEnergy, { testId, deadlineMs });
  }

  /**
   * Waits until every seat of `seats()` shows the pattern that `indexOf(seat)` says, in its cell. The last
   * wrong ones are told when the deadline passes.
   */
  seesEach(seats, indexOf, options) {
    return until('every cell shows its site', async () => {
      const picture = await this.picture();
      const wrong = (await seats()).filter((seat) => !picture || !seat.cell || read(picture, seat.cell)?.site !== indexOf(seat));
      if (wrong.length > 0) {
        throw new Error(`wrong: ${wrong.map(({ site, cell }) => `${site ?? 'user'} ${cell ? JSON.stringify(picture && read(picture, cell)) : 'without a cell'}`).join(', ')}`);
      }
      return true;
    }, { deadlineMs: 15_000, everyMs: 200, ...options });
  }
}
