// The bench: our media processes and Janus, one after the other, under the same receivers and the same stream.
// Called by scripts/bench within a network namespace of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { describeMachine } from '../loadtest/process_meter.mjs';
import { TALKERS, audioJanus, audioOurs, fanOutJanus, fanOutLimit, fanOutOurs } from './contests.mjs';
import { audioLine, fanOutLine, summariseRounds, table } from './figures.mjs';
import { openNetwork } from './network.mjs';

const EVENT_LOOPS = [0, 2];
/** What we mix at; then AudioBridge's default. */
const SAMPLING_RATES = [48_000, 16_000];
/** From the first packet to the window: a quarter of its length, no more than this. */
const SETTLE_MS = 2_000;

function readOptions() {
  const names = ['bin', 'reels', 'receivers', 'participants', 'seconds', 'rounds'];
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  return {
    ...values,
    receivers: values.receivers.split(',').filter(Boolean).map(Number),
    participants: Number(values.participants),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
  };
}

const say = (text) => process.stderr.write(`${text}\n`);

/** Runs the contests in turn, as often as there are rounds: { name: medians }. */
async function runRounds(title, rounds, contests) {
  const seen = contests.map(() => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [i, [name, run]] of contests.entries()) {
      say(`${title}: round ${round} of ${rounds}, ${name}`);
      try {
        seen[i].push(await run());
      } catch (error) {
        throw new Error(`${title}, ${name}: ${error.message}`);
      }
    }
  }
  const medians = seen.map(summariseRounds);
  say(`\n${title}, medians of ${rounds}\n${table(contests.map(([name], i) => [name, medians[i]]))}\n`);
  return medians;
}

async function benchFanOut(bench, count, rounds) {
  const [ours, limit, ...janus] = await runRounds(`${count} receivers`, rounds, [
    ['ours', () => fanOutOurs(bench, count)],
    ['limit', () => fanOutLimit(bench, count)],
    ...EVENT_LOOPS.map((loops) => [`janus, event_loops ${loops}`, () => fanOutJanus(bench, count, loops)]),
  ]);
  return fanOutLine(count, { ours, limit, janus: Object.fromEntries(EVENT_LOOPS.map((loops, i) => [loops, janus[i]])) });
}

async function benchAudio(bench, count, rounds) {
  const [ours, ...janus] = await runRounds(`${count} participants`, rounds, [
    ['ours', () => audioOurs(bench, count)],
    ...SAMPLING_RATES.map((rate) => [`janus, ${rate} Hz`, () => audioJanus(bench, count, rate)]),
  ]);
  return audioLine(count, Math.min(TALKERS, count), { ours, janus: SAMPLING_RATES.map((rate, i) => [rate, janus[i]]) });
}

function machineLine() {
  const janus = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'janus'], { encoding: 'utf8' });
  return { bench: 'machine', ...describeMachine(), janus, load_before: os.loadavg()[0] };
}

async function main() {
  const { bin, reels, receivers, participants, seconds, rounds } = readOptions();
  const root = mkdtempSync(path.join(os.tmpdir(), 'diemcau-bench-'));
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const bench = {
    bin, seconds, settleMs: Math.min(SETTLE_MS, seconds * 250), dir: path.join(root, 'run'),
    picture: path.join(reels, 'picture.rtp'), sound: path.join(reels, 'sound.rtp'),
  };
  const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  openNetwork();
  tell(machineLine());
  for (const count of receivers) {
    tell(await benchFanOut(bench, count, rounds));
  }
  if (participants > 0) {
    tell(await benchAudio(bench, participants, rounds));
  }
}

main().catch((error) => {
  say(`bench: ${error.message}`);
  process.exitCode = 2;
});
