// One process under test: its log in a file, its end as a promise, signals by pid.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { within } from './until.mjs';

export class Child {
  /** Options: `log` (file that gets stdout and stderr), `env` (added to ours), `cwd`. */
  constructor(file, args, { log, env = {}, cwd } = {}) {
    const fd = openSync(log, 'a');
    this.name = `${file.split('/').pop()}`;
    this.log = log;
    this.process = spawn(file, args, {
      stdio: ['ignore', fd, fd],
      env: { ...process.env, ...env },
      cwd,
    });
    closeSync(fd);
    this.exit = null;
    this.ended = new Promise((resolve) => {
      const end = (value) => {
        this.exit ??= value;
        resolve(this.exit);
      };
      this.process.on('error', (error) => end({ error }));
      this.process.on('exit', (code, signal) => end({ code, signal }));
    });
  }

  get pid() {
    return this.process.pid;
  }

  get isRunning() {
    return this.exit === null;
  }

  kill(signal) {
    return this.process.kill(signal);
  }

  /** Sends `signal` and waits for the end; a process that ignores SIGTERM is an error, and killed. */
  async stop(signal = 'SIGTERM', graceMs = 10_000) {
    if (!this.isRunning) {
      return this.exit;
    }
    this.kill(signal);
    try {
      return await within(graceMs, `${this.name} (pid ${this.pid}) ends after ${signal}`, this.ended);
    } catch (error) {
      this.kill('SIGKILL');
      await this.ended;
      throw error;
    }
  }

  tail(lines = 15) {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}

/** Runs a program to its end: { code, signal, stdout, stderr }; stdout as Buffer with `binary`. */
export function run(file, args, { input, env = {}, cwd, timeoutMs = 30_000, binary = false, lastBytes = Infinity } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, cwd });
    const out = [];
    const err = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let outBytes = 0;
    child.stdout.on('data', (data) => {
      out.push(data);
      outBytes += data.length;
      while (outBytes - out[0].length >= lastBytes) {
        outBytes -= out.shift().length;
      }
    });
    child.stderr.on('data', (data) => err.push(data));
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).subarray(Math.max(0, outBytes - lastBytes));
      resolve({
        code,
        signal,
        stdout: binary ? stdout : stdout.toString(),
        stderr: Buffer.concat(err).toString(),
      });
    });
    child.stdin.end(input);
  });
}
