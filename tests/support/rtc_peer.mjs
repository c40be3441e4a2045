// A genuine WebRTC peer without a browser (rtc_peer.c): an encoder or player that speaks WHIP and WHEP.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from './paths.mjs';
import { rest } from './rest.mjs';
import { until } from './until.mjs';

export class RtcPeer {
  /** A new peer of this system with its offer. */
  static async start(system) {
    const file = path.join(ROOT, 'build', system.preset, 'bin/rtc_peer');
    if (!existsSync(file)) {
      throw new Error(`${file} is missing: build the preset ${system.preset} first (scripts/test does)`);
    }
    const peer = new RtcPeer(system, spawn(file, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...system.env } }));
    await until('the peer makes an offer', () => peer.offer, { deadlineMs: 10_000 });
    return peer;
  }

  constructor(system, child) {
    this.system = system;
    this.child = child;
    this.counts = { rtp: 0, rtcp: 0, rejected: 0 };
    this.ended = new Promise((resolve) => child.once('close', resolve));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { offer, connected, failure, ...counts } = JSON.parse(line);
      this.offer ??= offer;
      this.connected ??= connected;
      this.failure ??= failure;
      if (counts.rtp !== undefined) {
        this.counts = counts;
      }
    });
  }

  /** POST of its offer to /whip/… or /whep/…: the answer of the server. */
  post(where, token, { sdp = this.offer, headers = {} } = {}) {
    return rest(this.system.base, 'POST', where, {
      body: sdp, headers: { 'Content-Type': 'application/sdp', ...bearer(token), ...headers },
    });
  }

  /** Connects with what the server answered. */
  async connect(sdp) {
    this.child.stdin.write(`${JSON.stringify({ answer: sdp })}\n`);
    await until('the peer connects', () => this.connected !== undefined, { deadlineMs: 15_000 });
    if (!this.connected) {
      throw new Error(`the peer did not connect: ${this.failure}`);
    }
  }

  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}

export function bearer(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}
