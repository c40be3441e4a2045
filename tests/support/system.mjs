// A whole real system in a directory of its own: server, relay, mixers, devices. Nothing in it is a stand-in.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import dgram from 'node:dgram';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { AdminClient } from './admin_client.mjs';
import { Child, run } from './child.mjs';
import { Device } from './device.mjs';
import { siteClip } from './input.mjs';
import { PageClient } from './page_client.mjs';
import { CONFIG, LAYOUTS, PRESET, ROOT, SITES_CSV, WEB_ROOT, program } from './paths.mjs';
import { login, rest } from './rest.mjs';
import { sleep, until } from './until.mjs';

export const USER = { name: 'chutri', password: 'mật khẩu thử 1' };

/** Sites of the devices, in the order of their patterns: hall, agencies, districts, communes. */
export const CODES = ['TG', 'TG-SNN', 'TG-SYT', 'MT', 'CB', 'GCO', 'MT-09', 'CB-01', 'TXCL', 'CT', 'CG', 'GCT'];

export function freeTcpPort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function freeUdpPort() {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4').once('error', reject);
    socket.bind(0, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** Processes whose command line holds `text`: [{pid, command}]. */
export function processesWith(text) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command.includes(text) && Number(pid) !== process.pid ? [{ pid: Number(pid), command }] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

/** Has the process ended? A zombie has. */
export function isGone(pid) {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  } catch {
    return true;
  }
}

export class System {
  /** Options: `preset`, `host`, `settings` ({"group.key": value}), `sites` and `user` (false: without). */
  static async start(options = {}) {
    const system = new System(options);
    try {
      await system.#begin(options);
      return system;
    } catch (error) {
      await system.stop().catch(() => {});
      throw error;
    }
  }

  constructor({ preset = PRESET, host = '127.0.0.1' } = {}) {
    this.preset = preset;
    this.host = host;
    this.dir = mkdtempSync(path.join(os.tmpdir(), 'diemcau-test-'));
    this.runtime = path.join(this.dir, 'run');
    this.devices = [];
    this.clients = [];
    this.env = this.#sanitizerEnv();
  }

  async #begin({ settings = {}, sites = true, user = sites }) {
    this.port = await freeTcpPort();
    this.mediaPort = await freeUdpPort();
    for (const folder of ['run', 'data', 'devices']) {
      mkdirSync(path.join(this.dir, folder), { mode: 0o700 });
    }
    this.settings = {
      'server.port': this.port,
      'server.data_dir': path.join(this.dir, 'data'),
      'server.runtime_dir': this.runtime,
      'server.web_root': WEB_ROOT,
      'server.layouts_file': LAYOUTS,
      'media.port': this.mediaPort,
      'media.loopback': true,
      ...settings,
    };
    await this.startServer();
    if (sites) {
      await this.admin.request('site.import', { csv: readFileSync(SITES_CSV, 'utf8'), file: 'sites.csv' });
    }
    if (user) {
      await this.admin.request('user.add', { ...USER, role: 'admin' });
    }
  }

  program(name) {
    return program(name, this.preset);
  }

  get base() {
    return `https://${this.host}:${this.port}`;
  }

  serverArguments(changes = {}) {
    const settings = Object.entries({ ...this.settings, ...changes });
    return ['--config', CONFIG, ...settings.flatMap(([key, value]) => ['--set', `${key}=${value}`])];
  }

  /** Starts the server (again) and waits until it answers; relay and mixers that live are its own again. */
  async startServer() {
    this.server = new Child(this.program('server'), this.serverArguments(), {
      log: path.join(this.dir, 'server.log'), env: this.env,
    });
    await until('the server answers /healthz', async () => {
      if (!this.server.isRunning) {
        return true;
      }
      return (await rest(this.base, 'GET', '/healthz', { timeoutMs: 3_000 })).status === 200;
    }, { deadlineMs: 15_000 });
    if (!this.server.isRunning) {
      throw new Error(`the server ended with ${JSON.stringify(this.server.exit)}: ${this.server.tail()}`);
    }
    this.admin = await AdminClient.connect(path.join(this.runtime, 'server.sock'));
    this.fingerprint = (await this.status()).fingerprint;
  }

  /** diemcau-ctl; its JSON when it wrote some. It must succeed, or fail where `fails`. */
  async ctl(words, { input, fails = false } = {}) {
    const result = await run(this.program('ctl'), ['--runtime', this.runtime, '--json', ...words], { input, env: this.env });
    if (result.signal || (result.code !== 0) !== fails) {
      throw new Error(`diemcau-ctl ${words.join(' ')}: exit ${result.code}: ${result.stderr}${result.stdout}`);
    }
    try {
      return { ...result, json: JSON.parse(result.stdout) };
    } catch {
      return result;
    }
  }

  /** server.status */
  status() {
    return this.admin.request('server.status');
  }

  async page() {
    this.session ??= await login(this.base, USER.name, USER.password);
    const client = await PageClient.connect(this.base, { cookie: this.session });
    this.clients.push(client);
    return client;
  }

  /** Starts devices: [{isSilent, records, clip}], one for each site of CODES, and waits until they are online. */
  async startDevices(wanted) {
    const added = await Promise.all(wanted.map(async ({ isSilent = false, records = false, clip }, i) => {
      const index = this.devices.length + i;
      return new Device(this, { index, code: CODES[index], isSilent, records, clip: clip ?? await siteClip(index, { isSilent }) });
    }));
    this.devices.push(...added);
    for (const device of added) {
      await device.start();
    }
    await this.online(added);
    return added;
  }

  async online(devices) {
    await until(`${devices.map(({ code }) => code)} are online`, async () => {
      const dead = devices.find(({ child }) => !child.isRunning);
      if (dead) {
        return true;
      }
      const { sites } = await this.admin.request('site.list');
      const online = new Set(sites.filter((site) => site.online).map(({ code }) => code));
      return devices.every(({ code }) => online.has(code));
    }, { deadlineMs: 30_000, everyMs: 100 });
    const dead = devices.find(({ child }) => !child.isRunning);
    if (dead) {
      throw new Error(`device ${dead.code} ended: ${dead.child.tail()}`);
    }
  }

  /** Opens a meeting of devices and waits until all are joined with live pictures in cells; its id. */
  async openMeeting(devices, { title = 'Họp thử', layout = '3x3' } = {}) {
    const { meeting } = await this.admin.request('meeting.open', {
      title, sites: devices.map(({ code }) => code), layout,
    });
    await this.joined(meeting, devices);
    return meeting;
  }

  async meeting(id) {
    const { meetings } = await this.admin.request('meeting.list');
    return meetings.find((meeting) => meeting.id === id);
  }

  async seat(meeting, code) {
    return (await this.meeting(meeting)).seats.find(({ site }) => site === code);
  }

  async joined(meeting, devices, deadlineMs = 20_000) {
    let seen;
    await until('all devices are joined and live in cells', async () => {
      const { seats } = await this.meeting(meeting);
      seen = seats.map(({ site, state, reason, video, cell }) => `${site} ${state} ${reason ?? ''} ${video} ${cell ? 'cell' : 'no cell'}`);
      return devices.every(({ code }) => seats.some((seat) => seat.site === code && seat.state === 'joined' && seat.video === 'live' && seat.cell));
    }, { deadlineMs, everyMs: 100 }).catch((error) => {
      throw new Error(`${error.message}: ${seen?.join('; ')}`);
    });
  }

  /** Pids of relay and mixers, as the server knows them. */
  async mediaPids() {
    const { relay, mixers } = await this.status();
    return { relay: relay.pid, mixers: Object.fromEntries(mixers.map(({ meeting, pid }) => [meeting, pid])) };
  }

  /** Ends everything. Throws when a process does not end when asked, is left over, or a sanitizer spoke. */
  async stop() {
    const problems = [];
    const note = (error) => problems.push(error.message);
    for (const client of this.clients) {
      client.socket.terminate();
    }
    for (const { child } of this.devices) {
      if (child?.isRunning) {
        await child.stop().catch(note);
      }
    }
    this.admin?.close();
    if (this.server?.isRunning) {
      const { code, signal } = await this.server.stop().catch((error) => {
        note(error);
        return { code: 0 };
      });
      if (code !== 0) {
        problems.push(`the server ended with ${code ?? signal}: ${this.server.tail(5)}`);
      }
    }
    await this.#stopMedia().catch(note);
    problems.push(...this.#sanitizerReports());
    if (problems.length > 0) {
      throw new Error(`${problems.join('\n')}\n(logs: ${this.dir})`);
    }
    if (!process.env.DIEMCAU_KEEP) {
      rmSync(this.dir, { recursive: true, force: true });
    }
  }

  /** Relay and mixers outlive a server on purpose; SIGTERM ends them. */
  async #stopMedia() {
    for (const { pid } of processesWith(this.runtime)) {
      signal(pid, 'SIGCONT');
      signal(pid, 'SIGTERM');
    }
    let left = [];
    await until('relay and mixers end', () => {
      left = processesWith(this.runtime);
      return left.length === 0;
    }, { deadlineMs: 10_000 }).catch(() => {
      left.forEach(({ pid }) => signal(pid, 'SIGKILL'));
      throw new Error(`left over: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
    });
  }

  #sanitizerEnv() {
    if (this.preset !== 'asan') {
      return {};
    }
    this.reportDir = process.env.DIEMCAU_RESULTS ?? this.dir;
    return {
      ASAN_OPTIONS: `log_path=${this.reportDir}/asan:detect_leaks=1:detect_odr_violation=0:fast_unwind_on_malloc=0`,
      UBSAN_OPTIONS: `log_path=${this.reportDir}/ubsan:print_stacktrace=1`,
      LSAN_OPTIONS: `suppressions=${ROOT}/tests/support/lsan.supp:print_suppressions=0`,
    };
  }

  #sanitizerReports() {
    if (!this.reportDir) {
      return [];
    }
    return readdirSync(this.reportDir).filter((name) => /^(asan|ubsan)\.\d+/.test(name)).map((name) => {
      const file = path.join(this.reportDir, name);
      return `a sanitizer spoke: ${file}\n${readFileSync(file, 'utf8').slice(0, 3_000)}`;
    });
  }
}

export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

/** kill -9, and wait until the process is no more. */
export async function killHard(pid) {
  signal(pid, 'SIGKILL');
  while (!isGone(pid)) {
    await sleep(2);
  }
}
