// One measurement of one server: start it, let the receivers connect, wait until all are served, measure, end it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ProcessMeter } from '../loadtest/process_meter.mjs';
import { endProcess, startProcess, tail } from '../loadtest/system.mjs';
import { sleep } from '../loadtest/wait.mjs';
import { Janus, MOUNTPOINT, PICTURE_PORT, ROOM, SOUND_PORT } from './janus.mjs';
import { ADDRESS } from './network.mjs';
import { MEETING, Ours } from './ours.mjs';
import { Receivers } from './receivers.mjs';

/** Who is not there by then is counted as stalled. */
const CONNECTED_MS = 30_000;
const SERVED_MS = 15_000;
export const TALKERS = 6;

/** What was seen in the window; `server` names the groups of `pids` that are under test. */
async function measure(bench, receivers, pids) {
  const status = await receivers.waitUntil('served', SERVED_MS);
  await sleep(bench.settleMs);
  const meter = new ProcessMeter(() => ({ ...pids, clients: [receivers.pid] }));
  meter.read();
  await receivers.lines.request('window.begin');
  await sleep(bench.seconds * 1000);
  const window = await receivers.lines.request('window');
  const reading = meter.read();
  if (window.rejected > 0 || window.decrypted === 0) {
    throw new Error(`${window.rejected} packets could not be decrypted, ${window.decrypted} could`);
  }
  return summarise(receivers, pids, { status, window, reading });
}

function summarise(receivers, pids, { status, window, reading }) {
  const groups = Object.fromEntries(Object.keys(pids).map((name) => {
    if (!reading.groups[name].isWhole) {
      throw new Error(`the ${name} ended while it was measured`);
    }
    return [name, reading.groups[name].cores];
  }));
  const cores = Object.values(groups).reduce((sum, one) => sum + one, 0);
  const packetsPerS = window.received / window.seconds;
  return {
    cores,
    groups,
    clientsCores: reading.groups.clients.cores,
    othersCores: reading.othersCores,
    lossPct: window.expected > 0 ? (100 * Math.max(window.expected - window.received, 0)) / window.expected : 100,
    pps: packetsPerS / receivers.count,
    kbps: (window.bytes * 8) / 1000 / window.seconds / receivers.count,
    usPerPacket: (cores * 1e6) / packetsPerS,
    stalled: window.stalled + receivers.count - status.served,
    unread: window.unread,
    profile: status.profile,
  };
}

/** Gives `use` receivers and a folder of their own; whatever `keep` was given is stopped at the end. */
async function withReceivers(bench, options, use) {
  const kept = [];
  const keep = (one) => {
    kept.unshift(one);
    return one;
  };
  rmSync(bench.dir, { recursive: true, force: true });
  mkdirSync(bench.dir, { recursive: true });
  try {
    const receivers = keep(await Receivers.start(bench, options));
    return await use(receivers, keep);
  } finally {
    for (const one of kept) {
      await one.stop();
    }
  }
}

/** Begins with a key frame, when everybody is there to see it. */
async function startFeeder(bench, receivers, args) {
  await receivers.waitUntil('connected', CONNECTED_MS);
  const log = path.join(bench.dir, 'feeder.log');
  const child = startProcess(path.join(bench.bin, 'bench_feeder'), ['--picture', bench.picture, '--sound', bench.sound, ...args], log);
  return { stop: () => endProcess(child) };
}

export function fanOutOurs(bench, count) {
  return withReceivers(bench, { count }, async (receivers, keep) => {
    const ours = keep(await Ours.start(bench));
    await receivers.each(async (i) => receivers.accept(i, await ours.addPeer(i, await receivers.offer(i))));
    keep(await startFeeder(bench, receivers, ['--media', ours.mediaSocket, '--meeting', String(MEETING)]));
    return measure(bench, receivers, ours.pids);
  });
}

export function fanOutJanus(bench, count, eventLoops) {
  return withReceivers(bench, { count }, async (receivers, keep) => {
    const janus = keep(await Janus.start(bench, { plugin: 'streaming', eventLoops }));
    await receivers.each(async (i) => {
      const handle = await janus.attach();
      const { sdp } = await janus.request(handle, { request: 'watch', id: MOUNTPOINT });
      await janus.request(handle, { request: 'start' }, { type: 'answer', sdp: await receivers.answer(i, sdp) });
    });
    keep(await startFeeder(bench, receivers, ['--picture-port', String(PICTURE_PORT), '--sound-port', String(SOUND_PORT)]));
    return measure(bench, receivers, { janus: [janus.pid] });
  });
}

export function fanOutLimit(bench, count) {
  return withReceivers(bench, { count }, async (receivers, keep) => {
    const ports = path.join(bench.dir, 'ports');
    const log = path.join(bench.dir, 'limit.log');
    writeFileSync(ports, `${(await receivers.bare()).join('\n')}\n`);
    const child = startProcess(path.join(bench.bin, 'bench_limit'), [bench.picture, bench.sound, ADDRESS, ports], log);
    keep({ stop: () => endProcess(child) });
    return measure(bench, receivers, { limit: [child.pid] }).catch((error) => {
      throw new Error(`${error.message}: ${tail(log)}`);
    });
  });
}

const talkers = (count) => Math.min(TALKERS, count);

export function audioOurs(bench, count) {
  return withReceivers(bench, { count, soundOnly: true, talkers: talkers(count) }, async (receivers, keep) => {
    const ours = keep(await Ours.start(bench));
    await ours.startMixer(count);
    await receivers.each(async (i) => receivers.accept(i, await ours.addPeer(i, await receivers.offer(i))));
    return measure(bench, receivers, ours.pids);
  });
}

export function audioJanus(bench, count, samplingRate) {
  return withReceivers(bench, { count, soundOnly: true, talkers: talkers(count) }, async (receivers, keep) => {
    const janus = keep(await Janus.start(bench, { plugin: 'audiobridge', eventLoops: 2, samplingRate }));
    await receivers.each(async (i) => {
      const handle = await janus.attach();
      const muted = i >= talkers(count);
      await janus.request(handle, { request: 'join', room: ROOM, muted });
      const { sdp } = await janus.request(handle, { request: 'configure', muted }, { type: 'offer', sdp: await receivers.offer(i) });
      await receivers.accept(i, sdp);
    });
    return measure(bench, receivers, { janus: [janus.pid] });
  });
}
