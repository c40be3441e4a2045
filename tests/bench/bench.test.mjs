// The side by side: what is made of measurements, and that it runs. No figure is judged here.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { audioLine, better, fanOutLine, median, summariseRounds, table } from '../../scripts/lib/bench/figures.mjs';
import { run } from '../support/child.mjs';
import { ROOT, program } from '../support/paths.mjs';

const RUN_MS = 120_000;

const seen = (fields = {}) => ({
  cores: 0.1, groups: { server: 0.1 }, clientsCores: 0.05, othersCores: 0, lossPct: 0, pps: 220, kbps: 1600, usPerPacket: 2, stalled: 0, unread: 0, profile: 'SRTP_AEAD_AES_128_GCM', ...fields,
});

test('the median is in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

test('rounds give medians, and the worst of what went wrong', () => {
  const rounds = [seen({ cores: 0.3, stalled: 2, groups: { server: 0.3 } }), seen(), seen({ cores: 0.2, unread: 5, groups: { server: 0.2 } })];
  const medians = summariseRounds(rounds);
  assert.deepEqual([medians.cores, medians.groups.server, medians.stalled, medians.unread], [0.2, 0.2, 2, 5]);
});

test('CPU time decides, unless it was saved by losing packets', () => {
  const [dear, cheap, lossy] = [seen({ cores: 0.6 }), seen({ cores: 0.5, lossPct: 0.4 }), seen({ cores: 0.1, lossPct: 20 })];
  assert.equal(better(dear, cheap), cheap);
  assert.equal(better(lossy, dear), dear);
  assert.equal(better(dear, lossy), dear);
});

test('a line of fan-out compares with the better Janus and with the limit', () => {
  const line = fanOutLine(207, { ours: seen(), limit: seen({ cores: 0.08 }), janus: { 0: seen({ cores: 1 }), 2: seen({ cores: 0.5, lossPct: 0.25 }) } });
  const { bench, receivers, janus_event_loops: loops, janus_cores: janus, ratio, over_limit: over, janus_loss_pct: loss } = line;
  assert.deepEqual({ bench, receivers, loops, janus, ratio, over, loss }, { bench: 'fanout', receivers: 207, loops: 2, janus: 0.5, ratio: 0.2, over: 1.25, loss: 0.25 });
  assert.equal(line.ours_profile, line.janus_profile);
});

test('a line of sound tells both sampling rates', () => {
  const ours = seen({ groups: { relay: 0.04, mixer: 0.06 } });
  const line = audioLine(207, 6, { ours, janus: [[48_000, seen({ cores: 2 })], [16_000, seen({ cores: 1 })]] });
  assert.deepEqual([line.ratio, line.ratio_16000, line.ours_relay_cores, line.ours_mixer_cores], [0.05, 0.1, 0.04, 0.06]);
});

test('a table has a line for each server', () => {
  const lines = table([['ours', seen()], ['janus', seen({ cores: 0.5 })]]).split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[2], /^janus +0\.500/);
});

const isPossible = process.getuid() === 0 && existsSync('/usr/bin/janus');

test('both servers serve four receivers', { skip: !isPossible && 'needs root and janus', timeout: RUN_MS }, async () => {
  const result = await run(path.join(ROOT, 'scripts/bench'), ['--receivers', '4', '--participants', '8', '--seconds', '2', '--rounds', '1'], {
    env: { DIEMCAU_BIN: path.dirname(program('relay')) }, cwd: ROOT, timeoutMs: RUN_MS,
  });
  assert.equal(result.code, 0, result.stderr);
  const [machine, fanOut, audio, ...more] = result.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([machine.bench, fanOut.bench, audio.bench, more], ['machine', 'fanout', 'audio', []]);
  for (const name of ['ours', 'janus', 'limit']) {
    assert.equal(fanOut[`${name}_profile`], 'SRTP_AEAD_AES_128_GCM');
    assert.ok(fanOut[`${name}_cores`] > 0, `${name}: ${fanOut[`${name}_cores`]} cores`);
    assert.ok(fanOut[`${name}_pps`] > 100, `${name}: ${fanOut[`${name}_pps`]} packets/s`);
  }
  for (const name of ['ours', 'janus']) {
    assert.equal(audio[`${name}_stalled`], 0);
    assert.ok(audio[`${name}_pps`] > 25, `${name}: ${audio[`${name}_pps`]} packets/s`);
  }
});
