// The simulated sites: one process, the same for every server under test.
import path from 'node:path';

import { Lines } from '../loadtest/lines.mjs';
import { endProcess, startProcess, tail } from '../loadtest/system.mjs';
import { poll } from '../loadtest/wait.mjs';
import { ADDRESS } from './network.mjs';

const START_MS = 5_000;

/** Connects to the control socket of a process that has just been started. */
export async function connectLines(child, socket, log) {
  let failure;
  const lines = await poll(() => {
    if (child.exitCode !== null) {
      throw new Error(`${path.basename(socket)}: it ended: ${tail(log)}`);
    }
    return Lines.connect(socket, 'op').catch((error) => {
      failure = error;
    });
  }, { deadlineMs: START_MS, everyMs: 20 });
  if (lines === undefined) {
    throw new Error(`${path.basename(socket)}: ${failure.message}`);
  }
  return lines;
}

export class Receivers {
  /** `bench` is where things are: { bin, dir, picture, sound }. */
  static async start(bench, { count, soundOnly = false, talkers = 0 }) {
    const receivers = new Receivers();
    const socket = path.join(bench.dir, 'receivers.sock');
    const log = path.join(bench.dir, 'receivers.log');
    receivers.count = count;
    receivers.child = startProcess(path.join(bench.bin, 'bench_receivers'), [
      '--control', socket, '--address', ADDRESS, '--count', String(count),
      ...(soundOnly ? ['--sound-only'] : []), '--talkers', String(talkers), '--voice', bench.sound,
    ], log);
    receivers.lines = await connectLines(receivers.child, socket, log);
    return receivers;
  }

  get pid() {
    return this.child.pid;
  }

  async offer(peer) {
    return (await this.lines.request('offer', { peer })).sdp;
  }

  accept(peer, sdp) {
    return this.lines.request('accept', { peer, sdp });
  }

  async answer(peer, sdp) {
    return (await this.lines.request('answer', { peer, sdp })).sdp;
  }

  /** Ports of receivers that negotiate with nobody. */
  async bare() {
    return (await this.lines.request('bare')).ports;
  }

  status() {
    return this.lines.request('status');
  }

  /** Lets each of them negotiate, a few at a time. */
  async each(negotiate, atOnce = 8) {
    let next = 0;
    await Promise.all(Array.from({ length: Math.min(atOnce, this.count) }, async () => {
      while (next < this.count) {
        await negotiate(next++);
      }
    }));
  }

  /** The status when all are `what` (connected; served: something of everything they were promised has come), or when
   * time is over. */
  async waitUntil(what, deadlineMs) {
    let status;
    await poll(async () => {
      status = await this.status();
      return status[what] === this.count;
    }, { deadlineMs });
    if (status.connected === 0) {
      throw new Error(`nobody is connected: ${status.failure}`);
    }
    return status;
  }

  async stop() {
    this.lines?.close();
    await endProcess(this.child);
  }
}
