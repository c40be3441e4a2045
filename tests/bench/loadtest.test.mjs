// What decides in a load test: sums, percentiles, verdicts, the page. No process is started here.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compose, mostKeyframes, percentile, summarise, summariseCosts } from '../../scripts/lib/loadtest/measure.mjs';
import { ProcessMeter, readProcess } from '../../scripts/lib/loadtest/process_meter.mjs';
import { ceiling, polylines, renderReport } from '../../scripts/lib/loadtest/report_html.mjs';
import { directoryOf } from '../../scripts/lib/loadtest/system.mjs';
import { THRESHOLDS, describe, judge } from '../../scripts/lib/loadtest/thresholds.mjs';

const site = (fields) => ({
  code: 'A', present_s: 60, fps: 25, loss_pct: 0, freeze_ms: 45, audio_gap_ms: -1, renewals: 0, kbps_in: 1600, ...fields,
});

const reading = (seconds, cores, rssMib = 10, threads = 2) => ({
  seconds, othersCores: 0, stolenCores: 0, groups: Object.fromEntries(['server', 'relay', 'mixer', 'fleet'].map((name) => [name, { cores, rssMib, threads, isWhole: true }])),
});

const window = (fields) => ({
  seconds: 60, packets_in: 60 * 1e5, packets_out: 60 * 1e4, mbit_in_per_s: 330, expected: 6e6, received: 6e6, loss_pct: 0,
  unread: 0, rejected: 0, duplicates: 0, renewals: 0, decoded: 1500, undecodable: 0, latency: { p50_ms: 30, p95_ms: 50, max_ms: 80, count: 1000 }, fleet_late_ms_max: 2, ...fields,
});

const good = () => compose({
  profile: 'plenary', sites: 207, joined: 207, joins: { p50_s: 1, p95_s: 2 }, window: window(), judged: [site(), site({ code: 'B', fps: 24.5 })],
  costs: summariseCosts([reading(30, 0.1), reading(30, 0.08)]), relayIdleMib: 5, samples: [{ joined: 207, keyframes: 310 }],
});

test('a percentile is a value that occurs', () => {
  assert.equal(percentile([5, 1, 3], 50), 3);
  assert.equal(percentile([4, 1, 3, 2], 50), 2);
  assert.equal(percentile([1, 2, 3, 4], 95), 4);
  assert.equal(percentile([7], 0), 7);
  assert.equal(percentile([], 50), null);
});

test('the worst sites are found', () => {
  const seen = summarise([site(), site({ fps: 20, freeze_ms: 300 }), site({ audio_gap_ms: 61.2, loss_pct: 2 })], 60);
  assert.deepEqual([seen.sites, seen.fps_min, seen.fps_median, seen.freeze_ms_max, seen.audio_gap_ms_max, seen.loss_pct_max], [3, 20, 25, 300, 61.2, 2]);
});

test('a site that was hardly there is not judged', () => {
  assert.equal(summarise([site(), site({ present_s: 10, fps: 1 })], 60).fps_min, 25);
});

test('nobody there is no number', () => {
  assert.equal(summarise([], 60).fps_min, null);
  assert.equal(summarise([], 60).audio_gap_ms_max, null);
});

test('costs are averaged over time and memory at its peak', () => {
  const costs = summariseCosts([reading(10, 0.4, 50), reading(30, 0.2, 80)]);
  assert.equal(costs.relay_cores, 0.25);
  assert.equal(costs.rss_relay_mib, 80);
});

test('a process that was gone meanwhile was not cheap but not measured', () => {
  const second = reading(10, 0);
  second.groups.relay = { cores: 0, rssMib: 0, threads: 0, isWhole: false };
  const costs = summariseCosts([reading(10, 0.1), second]);
  assert.equal(costs.relay_cores, null);
  assert.equal(costs.mixer_cores, 0.05);
  const report = compose({ profile: 'plenary', sites: 207, joined: 207, joins: {}, window: window(), judged: [site()], costs, relayIdleMib: 5, samples: [{ joined: 207, keyframes: 207 }] });
  const missed = judge('plenary', report).filter(({ ok }) => !ok).map(({ key }) => key);
  assert.deepEqual(missed, ['relay_cores', 'relay_us_per_packet', 'server_side_cores', 'rss_relay_kib_per_peer']);
});

test('a report has every fixed key', () => {
  const keys = 'profile sites joined join_p50_s join_p95_s seconds server_cores relay_cores mixer_cores relay_us_per_packet packets_out_per_s mbit_out_per_s video_fps_min video_fps_median freeze_ms_max loss_pct audio_gap_ms_max latency_ms_p50 latency_ms_p95 rss_server_mib rss_relay_mib rss_mixer_mib threads fleet_cores'.split(' ');
  const report = good();
  assert.deepEqual(keys.filter((key) => report[key] === undefined), []);
  assert.equal(report.relay_us_per_packet, 0.9);
  assert.equal(report.server_side_cores, 0.27);
  assert.equal(report.threads, 6);
});

test('a report without latency says null', () => {
  const report = compose({ ...{ profile: 'wall', sites: 1, joined: 1, joins: {}, judged: [], relayIdleMib: 0, samples: [] }, window: window({ latency: null }), costs: summariseCosts([reading(1, 0)]) });
  assert.equal(report.latency_ms_p50, null);
  assert.equal(report.join_p95_s, null);
});

test('a good run passes and each missed threshold fails it', () => {
  const report = good();
  assert.ok(judge('plenary', report).every(({ ok }) => ok));
  for (const [key, value] of [['joined', 206], ['loss_pct', 0.001], ['video_fps_min', 23.9], ['audio_gap_ms_max', 40.1], ['relay_cores', 0.121], ['relay_us_per_packet', 3.01], ['server_side_cores', 0.61], ['rss_relay_kib_per_peer', 151], ['fleet_cores', 0.51], ['pictures_undecodable', 1]]) {
    const missed = judge('plenary', { ...report, [key]: value }).filter(({ ok }) => !ok);
    assert.deepEqual(missed.map((verdict) => verdict.key), [key]);
  }
});

test('what was not measured has missed', () => {
  for (const nothing of [null, undefined, NaN, '0']) {
    assert.equal(judge('plenary', { ...good(), loss_pct: nothing }).find(({ key }) => key === 'loss_pct').ok, false);
  }
});

test('costs may grow with the sites, quality may not', () => {
  const limit = (sites, key) => judge('plenary', { ...good(), sites }).find((verdict) => verdict.key === key).limit;
  assert.equal(limit(414, 'relay_cores'), 0.24);
  assert.equal(limit(100, 'relay_cores'), 0.12);
  assert.equal(limit(414, 'video_fps_min'), 24);
});

test('costs for each packet are not judged with few sites', () => {
  assert.ok(!judge('plenary', { ...good(), sites: 8 }).some(({ key }) => key === 'relay_us_per_packet'));
});

test('every profile has thresholds that can be told', () => {
  for (const profile of ['plenary', 'wall', 'storm', 'churn', 'lossy']) {
    assert.ok(THRESHOLDS[profile].length > 0);
    judge(profile, good()).forEach((verdict) => assert.match(describe(verdict), /at (most|least) \d/));
  }
});

test('the directory grows below the province', () => {
  const lines = directoryOf('code,name,tier,parent\nTG,UBND,province,\n', 2).split('\n');
  assert.deepEqual(lines, ['code,name,tier,parent', 'TG,UBND,province,', 'X-0001,Điểm cầu thử tải 1,commune,TG', 'X-0002,Điểm cầu thử tải 2,commune,TG', '']);
});

test('a meter sees what a process spends, and nothing of one that is gone', () => {
  const meter = new ProcessMeter(() => ({ us: [process.pid], gone: [2 ** 30] }));
  meter.read();
  const untilMs = performance.now() + 120;
  while (performance.now() < untilMs) {
    // spend it
  }
  const { groups } = meter.read();
  assert.ok(groups.us.cores > 0.05 && groups.us.cores < 2, `${groups.us.cores}`);
  assert.ok(groups.us.rssMib > 5);
  assert.ok(groups.us.isWhole);
  assert.deepEqual(groups.gone, { cores: 0, rssMib: 0, threads: 0, isWhole: false });
  assert.equal(readProcess(2 ** 30), undefined);
});

test('axes end at round numbers', () => {
  assert.deepEqual([0, 0.03, 0.12, 1, 17, 21, 26, 51, 1000].map(ceiling), [1, 0.05, 0.2, 1, 20, 25, 50, 100, 1000]);
  assert.equal(ceiling(NaN), 1);
});

test('a line is broken where there is no value', () => {
  const samples = [[0, 1], [1, 2], [2, null], [3, 4]].map(([t_s, value]) => ({ t_s, value }));
  assert.deepEqual(polylines(samples, 'value', { x: (t) => t, y: (v) => v }), ['0.0,1.0 1.0,2.0', '3.0,4.0']);
});

test('the page needs nothing else and shows every verdict', () => {
  const report = good();
  const samples = Array.from({ length: 20 }, (_, t_s) => ({ t_s, fps_min: 25, fps_median: 25, relay_cores: 0.1, joined: 207, in_window: t_s > 10 }));
  const html = renderReport({ ...report, pass: false, verdicts: judge('plenary', { ...report, loss_pct: 3 }), samples, machine: { cpu: '<b>x86</b>', cores: 2, memory_gib: 8, kernel: '6.1' }, started: 'now', revision: 'abc' });
  assert.doesNotMatch(html, /<script|https?:|<link|@import|url\(/);
  assert.match(html, /packets lost, % \(loss_pct\): 3, at most 0/);
  assert.match(html, /&lt;b&gt;x86/);
  assert.ok((html.match(/<polyline/g) ?? []).length >= 4);
  judge('plenary', report).forEach(({ key }) => assert.ok(html.includes(`<code>${key}</code>`), key));
});

test('the most key frames of a second are told for each site, and seconds without sites do not count', () => {
  const samples = [{ joined: 0, keyframes: 0 }, { joined: 100, keyframes: 150 }, { joined: 200, keyframes: 200 }];
  assert.equal(mostKeyframes(samples), 1.5);
  assert.equal(mostKeyframes([{ joined: 0, keyframes: 0 }]), null);
});
