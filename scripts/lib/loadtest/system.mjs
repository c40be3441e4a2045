// A private Điểm Cầu of its own: server, relay and mixers in a directory of their own, and fleets of simulated sites.
import { spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { Lines } from './lines.mjs';
import { poll, sleep } from './wait.mjs';

const START_MS = 15_000;
const STOP_MS = 5_000;

function freePort(open) {
  return new Promise((resolve, reject) => {
    const socket = open();
    socket.once('error', reject);
    const done = () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    };
    if (socket instanceof net.Server) {
      socket.listen(0, done);
    } else {
      socket.bind(0, done);
    }
  });
}

/** It ends with us, however we end. */
export function startProcess(command, args, log) {
  const fd = openSync(log, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], { stdio: ['ignore', fd, fd] });
  closeSync(fd);
  child.ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  return child;
}

export function tail(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
}

/** Pids of processes that have `text` on their command line. */
function pidsWith(text) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

export async function endProcess(child) {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await child.ended;
  clearTimeout(late);
}

/** The directory with `extra` more communes below the province. */
export function directoryOf(csv, extra) {
  const lines = Array.from({ length: extra }, (_, i) => `X-${String(i + 1).padStart(4, '0')},Điểm cầu thử tải ${i + 1},commune,TG`);
  return [csv.trimEnd(), ...lines, ''].join('\n');
}

export class Fleet {
  constructor(child, lines, count) {
    this.child = child;
    this.lines = lines;
    this.count = count;
  }

  get pid() {
    return this.child.pid;
  }

  request(op, fields) {
    return this.lines.request(op, fields);
  }

  status() {
    return this.request('status');
  }

  onSecond(listener) {
    this.lines.on('second', listener);
  }

  async stop() {
    this.lines?.close();
    await endProcess(this.child);
  }
}

export class LoadSystem {
  /** Options: `root`, `bin`, `sites` (how many the directory has at least), `settings`. */
  constructor(options) {
    this.options = options;
    this.dir = mkdtempSync(path.join(os.tmpdir(), 'diemcau-load-'));
    this.fleets = [];
    this.mixerPids = [];
    this.restarts = 0;
  }

  file(name) {
    return path.join(this.dir, name);
  }

  program(name) {
    return path.join(this.options.bin, `diemcau-${name}`);
  }

  async start() {
    const { root, sites, settings = {} } = this.options;
    for (const folder of ['run', 'data', 'web']) {
      mkdirSync(this.file(folder), { mode: 0o700 });
    }
    writeFileSync(this.file('web/index.html'), '<!doctype html><title>Điểm Cầu</title>');
    const csv = readFileSync(path.join(root, 'config/sites.csv'), 'utf8');
    const known = csv.trimEnd().split('\n').length - 1;
    writeFileSync(this.file('sites.csv'), directoryOf(csv, Math.max(sites - known, 0)));
    this.codes = readFileSync(this.file('sites.csv'), 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split(',', 1)[0]);
    this.port = await freePort(() => net.createServer());
    this.mediaPort = await freePort(() => dgram.createSocket('udp4'));
    const all = {
      'server.port': this.port,
      'server.data_dir': this.file('data'),
      'server.runtime_dir': this.file('run'),
      'server.web_root': this.file('web'),
      'server.layouts_file': path.join(root, 'config/layouts.json'),
      'media.port': this.mediaPort,
      'media.loopback': true,
      ...settings,
    };
    const sets = Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    this.server = startProcess(this.program('server'), ['--config', path.join(root, 'config/diemcau.conf'), ...sets], this.file('server.log'));
    await this.#connect();
    await this.#import();
  }

  async #connect() {
    const admin = await poll(async () => {
      if (this.server.exitCode !== null) {
        return 'ended';
      }
      return Lines.connect(this.file('run/server.sock'), 'type').catch(() => undefined);
    }, { deadlineMs: START_MS });
    if (!(admin instanceof Lines)) {
      throw new Error(`the server did not start: ${tail(this.file('server.log'))}`);
    }
    this.admin = admin;
    const up = await poll(async () => {
      const status = await admin.request('server.status');
      return status.relay.state === 'up' && status;
    }, { deadlineMs: START_MS });
    if (up === undefined) {
      throw new Error('the relay did not start');
    }
    this.fingerprint = up.fingerprint;
    this.relayPid = up.relay.pid;
  }

  /** Who serves us now; a process that the server had to replace is counted. */
  async refresh() {
    const { relay, mixers } = await this.admin.request('server.status');
    const pids = mixers.map(({ pid }) => pid).filter((pid) => pid > 0);
    const gone = this.mixerPids.filter((pid) => !pids.includes(pid)).length;
    this.restarts += gone + (relay.pid > 0 && relay.pid !== this.relayPid ? 1 : 0);
    this.relayPid = relay.pid > 0 ? relay.pid : this.relayPid;
    this.mixerPids = pids;
    return mixers;
  }

  async #import() {
    const ctl = ['--runtime', this.file('run'), 'sites', 'import', this.file('sites.csv')];
    const { status, stderr } = spawnSync(this.program('ctl'), ctl, { encoding: 'utf8' });
    if (status !== 0) {
      throw new Error(`the directory was not taken: ${stderr}`);
    }
  }

  /**
   * A fleet that plays `count` sites from number `first` on. More options: `name`, `args` (further arguments),
   * `host` (of the server), `inside` (a command that runs it, e.g. in a namespace).
   */
  async startFleet({ name = 'fleet', first = 0, count, args = [], host = '127.0.0.1', inside = [] }) {
    const socket = this.file(`${name}.sock`);
    const command = [
      ...inside, this.program('fleet'),
      '--server', `wss://${host}:${this.port}`, '--fingerprint', this.fingerprint,
      '--state', this.file(name), '--sites', this.file('sites.csv'), '--first', String(first), '--count', String(count),
      '--enrol-with', this.file('run/server.sock'), '--report', this.file(`${name}.ndjson`), '--control', socket,
      '--wait', ...args,
    ];
    const child = startProcess(command[0], command.slice(1), this.file(`${name}.log`));
    const fleet = new Fleet(child, undefined, count);
    this.fleets.push(fleet);
    fleet.lines = await poll(async () => {
      if (child.exitCode !== null) {
        throw new Error(`the fleet did not start: ${tail(this.file(`${name}.log`))}`);
      }
      return Lines.connect(socket, 'op').catch(() => undefined);
    }, { deadlineMs: 60_000 });
    if (fleet.lines === undefined) {
      throw new Error(`the fleet did not start: ${tail(this.file(`${name}.log`))}`);
    }
    return fleet;
  }

  /** `view`: what is different in the view that everybody watches, as in `view.set`. */
  async openMeeting(title, codes, layout, view) {
    const { meeting } = await this.admin.request('meeting.open', { title, sites: codes, layout });
    if (view) {
      await this.admin.request('view.set', { meeting, view: { id: 0, name: title, layout, audience: 'everyone', ...view } });
    }
    await poll(async () => {
      const mixers = await this.refresh();
      return mixers.some((mixer) => mixer.meeting === meeting && mixer.pid > 0);
    }, { deadlineMs: START_MS });
    return meeting;
  }

  /** Pids by what they are, for a ProcessMeter. */
  groups() {
    return {
      server: [this.server.pid],
      relay: [this.relayPid],
      mixer: this.mixerPids,
      fleet: this.fleets.map((fleet) => fleet.pid),
    };
  }

  async stop() {
    for (const fleet of this.fleets) {
      await fleet.stop();
    }
    this.admin?.close();
    await endProcess(this.server);
    /* Relay and mixers outlive a server on purpose; they are those with our directory on their command line. */
    const left = () => pidsWith(this.file('run'));
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      left().forEach((pid) => {
        try {
          process.kill(pid, signal);
        } catch {
          // it has just ended
        }
      });
      if (await poll(() => left().length === 0, { deadlineMs: STOP_MS })) {
        break;
      }
    }
    await sleep(50);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
