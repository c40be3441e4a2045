// Firefox joins, and decodes picture and sound. Firefox gathers no candidate on the loopback device, so this
// test makes a network namespace with a device of its own, and runs the whole system and the browser in it
// (firefox_inside.mjs).
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { run } from '../support/child.mjs';
import { ROOT } from '../support/paths.mjs';

const SPACE = `diemcau-ff-${process.pid}`;
const OTHER = `${SPACE}-peer`;
const ADDRESS = '10.77.0.1';

const isRoot = process.getuid() === 0;
let seen;

async function ip(words) {
  const { code, stderr } = await run('ip', words.split(' '));
  assert.equal(code, 0, `ip ${words}: ${stderr}`);
}

before(async () => {
  if (!isRoot) {
    return;
  }
  await ip(`netns add ${SPACE}`);
  await ip(`netns add ${OTHER}`);
  await ip(`-n ${SPACE} link add media0 type veth peer name media1 netns ${OTHER}`);
  await ip(`-n ${SPACE} addr add ${ADDRESS}/24 dev media0`);
  for (const device of ['lo', 'media0']) {
    await ip(`-n ${SPACE} link set ${device} up`);
  }
  await ip(`-n ${OTHER} link set media1 up`);
  await ip(`-n ${SPACE} route add default via 10.77.0.2`);
  const { code, stdout, stderr } = await run('ip', [
    'netns', 'exec', SPACE, process.execPath, path.join(ROOT, 'tests/browser/firefox_inside.mjs'), ADDRESS,
  ], { timeoutMs: 120_000 });
  assert.equal(code, 0, `${stderr}\n${stdout}`);
  seen = JSON.parse(stdout.trim().split('\n').pop());
});

after(async () => {
  if (isRoot) {
    await run('ip', ['netns', 'del', SPACE]);
    await run('ip', ['netns', 'del', OTHER]);
  }
});

const options = { skip: !isRoot && 'a network namespace needs root' };

test('Firefox logs in and opens a session that every chosen site joins', options, (t) => {
  t.diagnostic(`${seen.browser}; joined ${seen.joined} of ${seen.sites}`);
  assert.equal(seen.joined, seen.sites);
});

test('Firefox decodes 20 pictures a second or more, and every cell shows its site', options, (t) => {
  t.diagnostic(`${seen.fps.toFixed(1)} fps, ${seen.width}x${seen.height}`);
  assert.ok(seen.fps >= 20, `${seen.fps} fps`);
  assert.equal(seen.cellsWrong, null);
});

test('Firefox decodes the sound of the site that speaks', options, (t) => {
  // Without a sound device Firefox runs no AudioContext; its decoder's own account is left.
  t.diagnostic(`${seen.audioPackets} packets, energy ${seen.audioEnergy}`);
  assert.ok(seen.audioPackets > 120, `${seen.audioPackets} packets in 3 s`);
  assert.ok(seen.audioEnergy > 0, `energy ${seen.audioEnergy}`);
});

test('Firefox sends its own camera and sees it in a cell', options, (t) => {
  t.diagnostic(`own cell ${JSON.stringify(seen.ownCell)}, changes by ${seen.ownChange?.toFixed(1)} of luma`);
  assert.ok(seen.ownCell);
  assert.equal(seen.ownVideo, 'live');
  // Its fake camera is one colour that changes; a placeholder does not.
  assert.ok(seen.ownChange > 1, `a still cell: ${seen.ownChange}`);
});

test('Firefox mutes a site, makes one big, and closes the session', options, (t) => {
  t.diagnostic(`no more sound ${seen.muteMs} ms after the press; big cell ${JSON.stringify(seen.bigCell)}`);
  assert.equal(seen.muted, true);
  // How fast the relay does it, the recovery test tells; here some 400 ms of Firefox's own buffer come on top.
  assert.ok(seen.muteMs !== null && seen.muteMs <= 1_000, `${seen.muteMs} ms`);
  assert.ok(seen.bigCell.w > 0.5);
  assert.equal(seen.isClosed, true);
});
