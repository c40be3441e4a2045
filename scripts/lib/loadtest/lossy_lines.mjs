// Bad lines: network namespaces with a veth pair each, where packets are dropped at random (nftables) or the rate is
// low (tbf). Needs root; netem is not needed.
import { spawnSync } from 'node:child_process';

/** What the downlink of some sites suffers. `lossPct` of its packets are dropped; `kbps` is what it carries. */
export const LINE_KINDS = [
  { name: 'lossy_1', lossPct: 1, sites: 2 },
  { name: 'lossy_5', lossPct: 5, sites: 2 },
  { name: 'lossy_10', lossPct: 10, sites: 2 },
  { name: 'slow_256', kbps: 256, sites: 1 },
];
export const BAD_SITES = LINE_KINDS.reduce((sum, { sites }) => sum + sites, 0);

function run(command, args, input) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', input });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  }
}

const ip = (...args) => run('ip', args);

export class BadLine {
  /** `number` (1 …) tells the lines of one run apart. */
  constructor(kind, number) {
    this.kind = kind;
    this.namespace = `diemcau-load-${process.pid}-${number}`;
    this.device = `dl${number}p${process.pid % 1_000_000}`;
    this.peer = `dr${number}p${process.pid % 1_000_000}`;
    this.serverAddress = `10.77.${number}.1`;
    this.siteAddress = `10.77.${number}.2`;
  }

  open() {
    ip('netns', 'add', this.namespace);
    ip('link', 'add', this.device, 'type', 'veth', 'peer', 'name', this.peer, 'netns', this.namespace);
    ip('addr', 'add', `${this.serverAddress}/24`, 'dev', this.device);
    // One datagram is one packet: a dropped packet must not take a whole segmented picture with it.
    ip('link', 'set', this.device, 'gso_max_segs', '1');
    ip('link', 'set', this.device, 'up');
    ip('-n', this.namespace, 'addr', 'add', `${this.siteAddress}/24`, 'dev', this.peer);
    ip('-n', this.namespace, 'link', 'set', 'lo', 'up');
    ip('-n', this.namespace, 'link', 'set', this.peer, 'up');
  }

  /** What runs a command behind this line. */
  get inside() {
    return ['ip', 'netns', 'exec', this.namespace];
  }

  /** From now on it is bad; only media suffers, so that what is measured is media. */
  spoil(mediaPort) {
    if (this.kind.lossPct) {
      const rules = `table inet load {
        chain arriving {
          type filter hook input priority 0;
          udp sport ${mediaPort} numgen random mod 1000 < ${Math.round(this.kind.lossPct * 10)} drop
        }
      }`;
      run('ip', ['netns', 'exec', this.namespace, 'nft', '-f', '-'], rules);
    }
    if (this.kind.kbps) {
      run('tc', ['qdisc', 'add', 'dev', this.device, 'root', 'tbf', 'rate', `${this.kind.kbps}kbit`, 'burst', '8kb', 'latency', '300ms']);
    }
  }

  close() {
    spawnSync('ip', ['netns', 'del', this.namespace]);
  }
}
