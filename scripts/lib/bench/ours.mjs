// Our side: the relay, and for sound the mixer, driven over their control sockets as the server does it.
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { endProcess, startProcess } from '../loadtest/system.mjs';
import { ADDRESS } from './network.mjs';
import { connectLines } from './receivers.mjs';

export const MEETING = 1;
const FPS = 1;
const SIZE = { width: 320, height: 180 };

/** A program whose picture nobody watches: what is measured is sound. */
function programOf(seats) {
  const layout = JSON.parse(readFileSync('config/layouts.json', 'utf8')).layouts[0];
  const view = { ...SIZE, layout, spotlight: null, rungs: [{ id: 0, codec: 'VP8', ...SIZE, fps: FPS, kbps: 150 }] };
  return {
    revision: 1, title: 'bench', fps: FPS, views: [{ id: 0, name: 'bench', ...view, floor: null, chair: null, share: null, rotate: null }],
    seats: Array.from({ length: seats }, (_, i) => ({ source: i + 1, name: `Điểm cầu ${i + 1}`, tier: 'commune', present: true, muted: false, note: '' })),
  };
}

export class Ours {
  static async start(bench) {
    const ours = new Ours();
    ours.bench = bench;
    ours.relay = ours.#startProcess('relay', ['--port', '0', '--address', ADDRESS]);
    ours.relayLines = await ours.#connect(ours.relay, 'relay.sock', 'relay');
    await ours.relayLines.request('hello');
    await ours.relayLines.request('meeting.add', { meeting: MEETING });
    return ours;
  }

  #startProcess(name, args) {
    const { bin, dir } = this.bench;
    return startProcess(path.join(bin, `diemcau-${name}`), ['--runtime', dir, ...args], path.join(dir, `${name}.log`));
  }

  #connect(child, socket, name) {
    return connectLines(child, path.join(this.bench.dir, socket), path.join(this.bench.dir, `${name}.log`));
  }

  async startMixer(seats) {
    this.mixer = this.#startProcess('mixer', ['--meeting', String(MEETING)]);
    this.mixerLines = await this.#connect(this.mixer, `mixer-${MEETING}.sock`, 'mixer');
    await this.mixerLines.request('hello');
    await this.mixerLines.request('program', programOf(seats));
  }

  get mediaSocket() {
    return path.join(this.bench.dir, 'media.sock');
  }

  get pids() {
    return { relay: [this.relay.pid], ...(this.mixer ? { mixer: [this.mixer.pid] } : {}) };
  }

  /** The answer to the offer of receiver number `index`. */
  async addPeer(index, sdp) {
    return (await this.relayLines.request('peer.add', { peer: index + 1, meeting: MEETING, source: index + 1, muted: false, video: false, sdp })).sdp;
  }

  async stop() {
    this.mixerLines?.close();
    this.relayLines?.close();
    await endProcess(this.mixer);
    await endProcess(this.relay);
  }
}
