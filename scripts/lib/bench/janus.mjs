// Janus, run privately: its own configuration and sockets, nothing of the system's service. Spoken to over its HTTP
// API, at an address of the bench's private network.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { startProcess, tail } from '../loadtest/system.mjs';
import { poll } from '../loadtest/wait.mjs';
import { ADDRESS } from './network.mjs';

const API_PORT = 8088;
const BASE = `http://127.0.0.1:${API_PORT}/janus`;
const START_MS = 10_000;
const ANSWER_MS = 30_000;
const EVENTS_AT_ONCE = 100;

export const PICTURE_PORT = 5004;
export const SOUND_PORT = 5002;
export const MOUNTPOINT = 1;
export const ROOM = 1;

/** libconfig's text of { section: { key: value } }. */
function configText(sections) {
  return Object.entries(sections).map(([name, fields]) => {
    const lines = Object.entries(fields).map(([key, value]) => `\t${key} = ${JSON.stringify(value)}\n`);
    return `${name}: {\n${lines.join('')}}\n`;
  }).join('');
}

const STREAMING = {
  general: {},
  bench: {
    type: 'rtp', id: MOUNTPOINT, audio: true, audioport: SOUND_PORT, audiopt: 111, audiocodec: 'opus',
    video: true, videoport: PICTURE_PORT, videopt: 96, videocodec: 'vp8',
  },
};

const audioBridge = (samplingRate) => ({ general: {}, [`room-${ROOM}`]: { sampling_rate: samplingRate, record: false } });

/** `folders`: where Janus looks for what. */
function core(eventLoops, folders) {
  return {
    general: { ...folders, debug_level: 2, debug_colors: false, session_timeout: 0, ...(eventLoops > 0 ? { event_loops: eventLoops } : {}) },
    media: {},
    nat: { ice_lite: true, ice_enforce_list: ADDRESS },
    plugins: {},
    transports: {},
    loggers: { disable: 'libjanus_jsonlog.so' },
    events: { broadcast: false },
  };
}

/** Where Debian keeps what Janus loads. */
function libraryFolder() {
  for (const name of readdirSync('/usr/lib')) {
    const folder = path.join('/usr/lib', name, 'janus');
    try {
      readdirSync(folder);
      return folder;
    } catch {
      // of another architecture
    }
  }
  throw new Error('Janus is not installed (scripts/setup bench)');
}

/** A folder with one library: Janus loads all it finds. */
function only(dir, kind, name) {
  const from = path.join(libraryFolder(), kind);
  const file = readdirSync(from).find((entry) => entry.startsWith(`libjanus_${name}.so`));
  const to = path.join(dir, kind);
  mkdirSync(to);
  symlinkSync(path.join(from, file), path.join(to, `libjanus_${name}.so`));
  return to;
}

function writeConfigs(dir, { plugin, eventLoops, samplingRate }) {
  const write = (name, sections) => writeFileSync(path.join(dir, `${name}.jcfg`), configText(sections));
  write('janus', core(eventLoops, {
    plugins_folder: only(dir, 'plugins', plugin), transports_folder: only(dir, 'transports', 'http'),
  }));
  write('janus.transport.http', { general: { json: 'compact', base_path: '/janus', http: true, port: API_PORT, ip: '127.0.0.1', https: false }, admin: { admin_http: false } });
  if (plugin === 'streaming') {
    write('janus.plugin.streaming', STREAMING);
  } else {
    write('janus.plugin.audiobridge', audioBridge(samplingRate));
  }
}

async function call(url, fields) {
  const options = fields === undefined ? {} : { method: 'POST', body: JSON.stringify(fields) };
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(ANSWER_MS + 10_000) });
  return response.json();
}

export class Janus {
  /** `plugin`: streaming or audiobridge (then with `samplingRate`). */
  static async start(bench, options) {
    const janus = new Janus();
    const dir = path.join(bench.dir, `janus-${options.plugin}`);
    const log = path.join(dir, 'janus.log');
    mkdirSync(dir, { recursive: true });
    writeConfigs(dir, options);
    janus.plugin = `janus.plugin.${options.plugin}`;
    janus.child = startProcess('janus', [`--config=${path.join(dir, 'janus.jcfg')}`, `--configs-folder=${dir}`], log);
    janus.log = log;
    await janus.#open();
    return janus;
  }

  get pid() {
    return this.child.pid;
  }

  async #open() {
    this.waiting = new Map(); // transaction → { resolve, reject }
    this.lastTransaction = 0;
    const answer = await poll(() => {
      if (this.child.exitCode !== null) {
        throw new Error(`janus ended: ${tail(this.log)}`);
      }
      return call(BASE, { janus: 'create', transaction: 'create' }).catch(() => undefined);
    }, { deadlineMs: START_MS });
    if (answer?.data === undefined) {
      throw new Error(`janus does not answer: ${tail(this.log)}`);
    }
    this.session = `${BASE}/${answer.data.id}`;
    this.isOpen = true;
    this.#listen();
  }

  async #listen() {
    while (this.isOpen) {
      const events = await call(`${this.session}?maxev=${EVENTS_AT_ONCE}`).catch(() => []);
      (Array.isArray(events) ? events : [events]).forEach((event) => this.#take(event));
    }
  }

  #take(event) {
    const waiting = this.waiting.get(event.transaction);
    if (event.janus !== 'event' || waiting === undefined) {
      return;
    }
    this.waiting.delete(event.transaction);
    const data = event.plugindata?.data ?? {};
    if (data.error !== undefined) {
      waiting.reject(new Error(`janus: ${data.error}`));
    } else {
      waiting.resolve({ data, sdp: event.jsep?.sdp });
    }
  }

  #nextTransaction() {
    this.lastTransaction += 1;
    return `t${this.lastTransaction}`;
  }

  async attach() {
    const answer = await call(this.session, { janus: 'attach', plugin: this.plugin, transaction: this.#nextTransaction() });
    if (answer.janus !== 'success') {
      throw new Error(`janus: attach: ${JSON.stringify(answer.error)}`);
    }
    return `${this.session}/${answer.data.id}`;
  }

  /** The plugin's answer to a message: { data, sdp }. `jsep` is { type, sdp } or nothing. */
  async request(handle, body, jsep) {
    const transaction = this.#nextTransaction();
    const event = new Promise((resolve, reject) => {
      this.waiting.set(transaction, { resolve, reject });
      setTimeout(() => reject(new Error(`janus: ${body.request}: no answer`)), ANSWER_MS).unref();
    });
    event.catch(() => {});
    const answer = await call(handle, { janus: 'message', body, transaction, ...(jsep ? { jsep } : {}) });
    if (answer.janus !== 'ack') {
      throw new Error(`janus: ${body.request}: ${JSON.stringify(answer.error ?? answer.plugindata)}`);
    }
    return event;
  }

  /** It has nothing to save, and would take its time. */
  async stop() {
    this.isOpen = false;
    this.child.kill('SIGKILL');
    await this.child.ended;
  }
}
