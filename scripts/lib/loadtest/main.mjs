// The load test: starts a private system, lets a profile drive it, judges, writes report.json and report.html.
// Called by scripts/loadtest, which has checked the options and built everything.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { compose, summariseCosts } from './measure.mjs';
import { ProcessMeter, describeMachine, readProcess } from './process_meter.mjs';
import { PROFILES, SITES_MIN, openLines, sitesNeeded } from './profiles.mjs';
import { Progress } from './progress.mjs';
import { renderReport } from './report_html.mjs';
import { LoadSystem } from './system.mjs';
import { describe, judge } from './thresholds.mjs';

/** Sites that measure latency; how long each of the others is the one whose picture is decoded. */
const PROBES = 2;
const SAMPLE_S = 20;
/** A fleet that comes so late cannot tell whose fault a gap is. */
const LATE_MS = 20;
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

function readOptions() {
  const { values } = parseArgs({
    options: Object.fromEntries(['sites', 'seconds', 'profile', 'out', 'talkers', 'silence', 'bin'].map((name) => [name, { type: 'string' }])),
  });
  return { ...values, sites: Number(values.sites), seconds: Number(values.seconds), talkers: Number(values.talkers) };
}

/** What a profile works with. */
class Run {
  constructor(options, system, lines) {
    this.options = options;
    this.system = system;
    this.lines = lines;
    this.progress = new Progress();
    this.meter = new ProcessMeter(() => system.groups());
    this.samples = [];
    this.readings = [];
    this.isMeasuring = false;
  }

  say(step, ms) {
    this.progress.begin(step, ms);
  }

  beginWindow() {
    this.meter.read();
    this.isMeasuring = true;
  }

  endWindow() {
    this.readings.push(this.meter.read());
    this.isMeasuring = false;
  }

  mark(name) {
    this.pendingMark = name;
  }

  /** The first fleet is the one whose seconds are plotted. */
  async startFleet(options) {
    const isFirst = this.system.fleets.length === 0;
    const { talkers, silence } = this.options;
    const fleet = await this.system.startFleet({
      ...options,
      args: [
        '--films', path.join(ROOT, 'build/clips'), '--sounds', path.join(ROOT, 'build/voices'),
        '--cache', path.join(ROOT, 'build/fleet-clips'), '--talkers', String(talkers), '--silence', silence,
        ...(isFirst ? ['--probes', String(PROBES), '--sample', String(SAMPLE_S)] : []),
      ],
    });
    if (isFirst) {
      fleet.onSecond((second) => this.#sample(second));
    }
    return fleet;
  }

  #sample(second) {
    const reading = this.meter.read();
    this.system.refresh().catch(() => {}); // for the next second; a server that is gone shows by itself
    if (this.isMeasuring) {
      this.readings.push(reading);
    }
    const { worst, event, ...seen } = second;
    const sample = { ...seen, in_window: this.isMeasuring, others_cores: Number(reading.othersCores.toFixed(3)) };
    for (const [name, group] of Object.entries(reading.groups)) {
      sample[`${name}_cores`] = Number(group.cores.toFixed(4));
      sample[`rss_${name}_mib`] = Number(group.rssMib.toFixed(1));
    }
    if (this.pendingMark) {
      sample.mark = this.pendingMark;
      this.pendingMark = undefined;
    }
    this.samples.push(sample);
    const fps = second.fps_min === null ? '' : `${second.fps_min.toFixed(0)} fps  `;
    this.progress.show(`${second.joined}/${this.options.sites} joined  ${fps}relay ${(sample.relay_cores ?? 0).toFixed(2)}  mixer ${(sample.mixer_cores ?? 0).toFixed(2)}  fleet ${(sample.fleet_cores ?? 0).toFixed(2)}`);
  }
}

function revision() {
  try {
    return execFileSync('git', ['-C', ROOT, 'describe', '--always', '--dirty'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

async function runProfile(options) {
  const started = new Date().toISOString();
  const lines = openLines(options.profile);
  const addresses = lines.map((line) => line.serverAddress).join(';');
  const system = new LoadSystem({
    root: ROOT,
    bin: options.bin,
    sites: sitesNeeded(options.profile, options.sites),
    settings: addresses === '' ? {} : { 'media.address': addresses },
  });
  const stop = async () => {
    await system.stop();
    lines.forEach((line) => line.close());
  };
  const interrupt = () => stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await system.start();
    const relayIdleMib = readProcess(system.relayPid)?.rssMib ?? 0;
    const run = new Run(options, system, lines);
    const { more = {}, ...seen } = await PROFILES[options.profile](run);
    run.progress.end();
    const costs = summariseCosts(run.readings);
    const numbers = { ...compose({ ...options, ...seen, costs, relayIdleMib, samples: run.samples, restarts: system.restarts }), ...more };
    const verdicts = judge(options.profile, numbers);
    return {
      ...numbers,
      pass: verdicts.every(({ ok }) => ok),
      started,
      revision: revision(),
      talkers: options.talkers,
      silence: options.silence,
      verdicts,
      machine: { ...describeMachine(), load_before: os.loadavg()[0] },
      samples: run.samples,
      per_site: seen.window.per_site,
    };
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await stop();
  }
}

function tell(report, out) {
  for (const verdict of report.verdicts) {
    process.stdout.write(`${verdict.ok ? 'ok    ' : 'MISSED'}  ${describe(verdict)}\n`);
  }
  if (report.others_cores > 0.2) {
    process.stdout.write(`note    other programs used ${report.others_cores} cores meanwhile\n`);
  }
  if (report.fleet_late_ms_max > LATE_MS) {
    process.stdout.write(`note    the simulated sites themselves were up to ${report.fleet_late_ms_max} ms late: the machine was too busy\n`);
  }
  if (report.media_process_restarts > 0) {
    process.stdout.write(`note    the server had to replace relay or mixer ${report.media_process_restarts} times\n`);
  }
  process.stdout.write(`${report.pass ? 'passed' : 'missed'}: ${path.join(out, 'report.html')}\n`);
}

async function main() {
  const options = readOptions();
  if (options.sites < SITES_MIN[options.profile]) {
    throw new Error(`--sites: the profile ${options.profile} needs at least ${SITES_MIN[options.profile]}`);
  }
  mkdirSync(options.out, { recursive: true });
  const report = await runProfile(options);
  writeFileSync(path.join(options.out, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(path.join(options.out, 'report.html'), renderReport(report));
  tell(report, options.out);
  return report.pass ? 0 : 1;
}

main().then((code) => {
  process.exit(code);
}, (error) => {
  process.stderr.write(`\nloadtest: ${error.message}\n`);
  process.exit(2);
});
