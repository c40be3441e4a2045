// What each profile must reach. Limits for CPU hold for a province of 207 sites; more sites may cost in proportion.
const PROVINCE = 207;

const scaled = (limit) => ({ sites }) => limit * Math.max(1, sites / PROVINCE);
const most = (key, label, limit, from = 1) => ({ key, label, limit, from, kind: 'most' });
const least = (key, label, limit) => ({ key, label, limit, from: 1, kind: 'least' });
/** Costs for each packet or site say nothing when a few sites share what the process costs by itself. */
const MANY = 100;

const JOINED = least('joined', 'sites with picture and sound', ({ sites }) => sites);
const FLEET = most('fleet_cores', 'CPU of the simulated sites, cores', scaled(0.5));
const FPS = least('video_fps_min', 'slowest picture, frames per second', 24);
const GAP = most('audio_gap_ms_max', 'longest gap in the sound, ms', 40);
const DECODES = most('pictures_undecodable', 'sampled pictures that a decoder refused', 0);
const LOSS = most('loss_pct', 'packets lost, %', 0);
const MEMORY = most('rss_relay_kib_per_peer', 'memory of the relay per site, KiB', 150, MANY);

const COSTS = [
  most('relay_cores', 'CPU of the relay, cores', scaled(0.12)),
  most('relay_us_per_packet', 'CPU of the relay per delivered packet, µs', 3, MANY),
  most('server_side_cores', 'CPU of server, relay and mixer together, cores', scaled(0.6)),
];
const KEYFRAMES = most('keyframes_per_s_max', 'key frames that a site was sent in one second, mean of the sites', 2);
const REJOIN = most('join_p95_s', '95 % are back with picture and sound within, s', 5);

export const THRESHOLDS = {
  plenary: [JOINED, LOSS, DECODES, FPS, GAP, KEYFRAMES, ...COSTS, MEMORY, FLEET],
  wall: [
    JOINED, LOSS, DECODES, FPS, GAP,
    most('mixer_cores', 'CPU of the mixer, cores', scaled(0.6)),
    most('server_side_cores', 'CPU of server, relay and mixer together, cores', scaled(1.0)),
    MEMORY, FLEET,
  ],
  storm: [
    JOINED,
    REJOIN,
    most('bystander_audio_gap_ms_max', 'longest gap in the sound of a meeting that was up, ms', 40),
    least('bystander_fps_min', 'slowest picture of a meeting that was up, frames per second', 24),
  ],
  churn: [JOINED, REJOIN, LOSS, FPS, GAP, MEMORY],
  lossy: [
    JOINED,
    most('lossy_5_freeze_ms_max', 'longest freeze at 5 % loss, ms', 200),
    least('slow_256_fps_min', 'slowest picture behind 256 kbit/s, frames per second', 20),
    most('slow_256_audio_gap_ms_max', 'longest gap in the sound behind 256 kbit/s, ms', 100),
    least('clean_fps_min', 'slowest picture on a clean line, frames per second', 24),
    most('clean_loss_pct', 'packets lost on clean lines, %', 0),
    most('clean_audio_gap_ms_max', 'longest gap in the sound on a clean line, ms', 40),
    most('clean_kbps_change_pct', 'change of the bit rate on clean lines, %', 5),
    most('clean_fps_change_pct', 'change of the frame rate on clean lines, %', 5),
    most('clean_latency_change_pct', 'change of the latency on clean lines, %', 5),
  ],
};

/** Each threshold of the profile with its value and verdict. A value that is missing has missed. */
export function judge(profile, report) {
  return THRESHOLDS[profile].filter(({ from }) => report.sites >= from).map(({ key, label, limit, kind }) => {
    const value = report[key];
    const bound = typeof limit === 'function' ? limit(report) : limit;
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    const ok = isNumber && (kind === 'most' ? value <= bound : value >= bound);
    return { key, label, kind, limit: bound, value: isNumber ? value : null, ok };
  });
}

export function describe({ key, label, kind, limit, value }) {
  return `${label} (${key}): ${value ?? 'not measured'}, ${kind === 'most' ? 'at most' : 'at least'} ${Number(limit.toFixed(3))}`;
}
