// One site's box: a real diemcau-device with recognisable input, its recording and its report.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { Child } from './child.mjs';
import { Recording } from './recording.mjs';
import { until } from './until.mjs';

export class Device {
  /** Options: `index` (0 … 15, the pattern and tone), `code` (site), `clip`, `records` (keep what it receives). */
  constructor(system, options) {
    this.system = system;
    Object.assign(this, options);
    this.dir = path.join(system.dir, 'devices', options.code);
    this.report = `${this.dir}.report`;
    this.log = `${this.dir}.log`;
    this.starts = 0;
  }

  /** The first start brings the enrolment token; later ones have the key. */
  async start() {
    this.recordingFile = path.join(this.system.dir, `received-${this.code}-${this.starts++}.webm`);
    const token = this.token ?? (await this.system.admin.request('token.new', { site: this.code })).token;
    this.token = token;
    this.child = new Child(this.system.program('device'), [
      '--server', `wss://${this.system.host}:${this.system.port}`,
      '--fingerprint', this.system.fingerprint,
      '--state', this.dir, '--token', token, '--name', `test ${this.code}`,
      '--video', `file:${this.clip}`, '--audio', `file:${this.clip}`,
      '--sink', this.records ? `file:${this.recordingFile}` : 'none',
      '--report', this.report,
    ], { log: this.log, env: this.system.env });
    return this.child;
  }

  get pid() {
    return this.child.pid;
  }

  /** Lines of the report so far, oldest first. */
  lines() {
    if (!existsSync(this.report)) {
      return [];
    }
    return readFileSync(this.report, 'utf8').split('\n').slice(0, -1).filter(Boolean).map((line) => JSON.parse(line));
  }

  /** The media session it has now: a device that joins again gets another one. */
  peer() {
    return this.lines().at(-1)?.peer;
  }

  /** Longest pauses of packets and pictures from now on: call the result later for { videoMs, audioMs }. */
  watchGaps() {
    const from = this.lines().length;
    return () => {
      const later = this.lines().slice(from + 1);
      return {
        videoMs: Math.max(...later.map(({ video }) => video.last_gap_ms ?? 0)),
        audioMs: Math.max(...later.map(({ audio }) => audio.gap_ms ?? 0)),
      };
    };
  }

  recording() {
    return new Recording(this.recordingFile);
  }

  /** The recording once it holds `ms` more than now: { recording, fromMs }. */
  async recordFor(ms, { deadlineMs = ms + 10_000 } = {}) {
    await until(`${this.code} receives`, () => existsSync(this.recordingFile) && statSync(this.recordingFile).size > 0, { deadlineMs });
    const fromMs = this.recording().endMs;
    const recording = await until(`${this.code} receives ${ms} ms`, () => {
      const now = this.recording();
      return now.endMs >= fromMs + ms && now;
    }, { deadlineMs, everyMs: 200 });
    return { recording, fromMs };
  }
}
