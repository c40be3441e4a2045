// CPU time, memory and threads of processes, and what the rest of the machine does, from /proc.
import { readFileSync } from 'node:fs';
import os from 'node:os';

const TICKS_PER_S = 100; // USER_HZ: fixed in the kernel's interface
const PAGE_BYTES = 4096;
const CPU_FIELDS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

/** { cpuS, rssMib, threads } of a process; undefined when it is gone. */
export function readProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
      rssMib: (Number(fields[21]) * PAGE_BYTES) / 2 ** 20,
      threads: Number(fields[17]),
    };
  } catch {
    return undefined;
  }
}

/** Seconds of CPU time the whole machine has spent, by kind. */
export function readMachine() {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/);
  return Object.fromEntries(CPU_FIELDS.map((name, i) => [name, Number(ticks[i]) / TICKS_PER_S]));
}

export function describeMachine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    node: process.version,
  };
}

/**
 * Takes a reading each time it is asked: for each group of processes the cores it used since the last reading, its
 * memory and threads, and whether all of it was there all the time. `groups` is a function that returns
 * { name: [pid, …] }.
 */
export class ProcessMeter {
  constructor(groups) {
    this.groups = groups;
    this.last = new Map();
    this.lastMachine = readMachine();
    this.lastMs = performance.now();
  }

  read() {
    const seconds = (performance.now() - this.lastMs) / 1000;
    this.lastMs += seconds * 1000;
    const reading = {};
    let ours = 0;
    for (const [name, pids] of Object.entries(this.groups())) {
      const group = { cores: 0, rssMib: 0, threads: 0, isWhole: pids.length > 0 };
      for (const pid of pids) {
        const now = readProcess(pid);
        const before = this.last.get(pid);
        group.isWhole &&= now !== undefined && before !== undefined;
        if (now === undefined) {
          continue;
        }
        group.cores += (now.cpuS - (before ?? now.cpuS)) / seconds;
        group.rssMib += now.rssMib;
        group.threads += now.threads;
        this.last.set(pid, now.cpuS);
      }
      ours += group.cores;
      reading[name] = group;
    }
    return { seconds, groups: reading, ...this.#readOthers(seconds, ours) };
  }

  #readOthers(seconds, ours) {
    const machine = readMachine();
    const spent = (name) => (machine[name] - this.lastMachine[name]) / seconds;
    const busy = ['user', 'nice', 'system', 'irq', 'softirq'].reduce((sum, name) => sum + spent(name), 0);
    const stolen = spent('steal');
    this.lastMachine = machine;
    return { othersCores: Math.max(busy - ours, 0), stolenCores: stolen };
  }
}
