// What is going on, on standard error: one line that is overwritten on a terminal, a line now and then elsewhere.
import { nowMs } from './wait.mjs';

const BAR_CHARS = 20;
const QUIET_MS = 5_000;

export class Progress {
  constructor(stream = process.stderr) {
    this.stream = stream;
    this.step = '';
    this.lastMs = -QUIET_MS;
  }

  /** A new step; with `ms` it is known how long it takes. */
  begin(step, ms) {
    this.step = step;
    this.startMs = nowMs();
    this.lengthMs = ms;
    this.lastMs = -QUIET_MS;
    this.show('');
  }

  show(detail) {
    const line = [this.#bar(), this.step, detail].filter(Boolean).join('  ');
    if (this.stream.isTTY) {
      const width = Math.max(this.stream.columns ?? 80, 20) - 1;
      this.stream.write(`\r\x1b[K${line.slice(0, width)}`);
    } else if (nowMs() - this.lastMs >= QUIET_MS) {
      this.lastMs = nowMs();
      this.stream.write(`${line}\n`);
    }
  }

  end() {
    if (this.stream.isTTY) {
      this.stream.write('\r\x1b[K');
    }
  }

  #bar() {
    if (!this.lengthMs) {
      return '';
    }
    const done = Math.min((nowMs() - this.startMs) / this.lengthMs, 1);
    const full = Math.round(done * BAR_CHARS);
    return `[${'#'.repeat(full)}${'.'.repeat(BAR_CHARS - full)}] ${String(Math.round(done * 100)).padStart(3)} %`;
  }
}
