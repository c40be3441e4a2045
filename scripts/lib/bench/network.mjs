// The private network of the bench: one address that is not a loopback one, because Janus offers none of those, yet
// reaches nobody but this machine. Packets between two programs at it take the loopback device.
import { spawnSync } from 'node:child_process';
import os from 'node:os';

export const ADDRESS = '10.78.0.1';

function ip(...args) {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  }
}

/** Only in a network namespace that is ours alone: scripts/bench makes it. */
export function openNetwork() {
  if (Object.keys(os.networkInterfaces()).length > 0) {
    throw new Error('this is not a private network namespace: call it by scripts/bench');
  }
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'bench0', 'type', 'veth', 'peer', 'name', 'bench1');
  ip('addr', 'add', `${ADDRESS}/24`, 'dev', 'bench0');
  ip('link', 'set', 'bench0', 'up');
  ip('link', 'set', 'bench1', 'up');
}
