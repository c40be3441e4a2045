// Puts what the fleets saw and what the processes cost together into the numbers of report.json.

const round = (value, digits = 3) => (value === null || value === undefined ? null : Number(value.toFixed(digits)));

/** The smallest value that at least `percent` of the values do not exceed; null for none. */
export function percentile(values, percent) {
  if (values.length === 0) {
    return null;
  }
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.max(Math.ceil((percent / 100) * ordered.length), 1) - 1];
}

const largest = (values) => (values.length === 0 ? null : Math.max(...values));
const smallest = (values) => (values.length === 0 ? null : Math.min(...values));

/** What `sites` (entries of a window's per_site) have seen, of those who were there for most of the time. */
export function summarise(sites, seconds) {
  const present = sites.filter((site) => site.present_s >= seconds / 2);
  return {
    sites: present.length,
    fps_min: round(smallest(present.map((site) => site.fps)), 2),
    fps_median: round(percentile(present.map((site) => site.fps), 50), 2),
    freeze_ms_max: round(largest(present.map((site) => site.freeze_ms)), 1),
    audio_gap_ms_max: round(largest(present.map((site) => Math.max(site.audio_gap_ms, 0))), 1),
    loss_pct_max: round(largest(present.map((site) => site.loss_pct)), 3),
    kbps_median: percentile(present.map((site) => site.kbps_in), 50),
  };
}

/** Averages and peaks of the readings of a ProcessMeter. */
export function summariseCosts(readings) {
  const seconds = readings.reduce((sum, reading) => sum + reading.seconds, 0);
  const names = [...new Set(readings.flatMap((reading) => Object.keys(reading.groups)))];
  const average = (pick) => readings.reduce((sum, reading) => sum + pick(reading) * reading.seconds, 0) / seconds;
  const cost = { seconds, others_cores: round(average((reading) => reading.othersCores)), stolen_cores: round(average((reading) => reading.stolenCores)) };
  for (const name of names) {
    // What was not there all the time did not cost little: it was not measured.
    const isWhole = readings.every((reading) => reading.groups[name]?.isWhole);
    cost[`${name}_cores`] = isWhole ? round(average((reading) => reading.groups[name].cores), 4) : null;
    cost[`rss_${name}_mib`] = isWhole ? round(largest(readings.map((reading) => reading.groups[name].rssMib)), 1) : null;
    cost[`threads_${name}`] = largest(readings.map((reading) => reading.groups[name]?.threads ?? 0));
  }
  return cost;
}

/** The most key frames that a site was sent in one second, on average over the sites: joining is when there are many. */
export function mostKeyframes(samples) {
  return round(largest(samples.filter(({ joined }) => joined > 0).map(({ keyframes, joined }) => keyframes / joined)), 2);
}

/**
 * The fixed keys of report.json. `window` is a fleet's answer to "window", `judged` the sites (of per_site) whose
 * picture and sound are judged, `costs` a summary of costs, `samples` every second of the run, `relayIdleMib` the relay's memory without peers in MiB.
 */
export function compose({ profile, sites, joined, joins, window, judged, costs, relayIdleMib, samples, restarts = 0 }) {
  const whole = [costs.server_cores, costs.relay_cores, costs.mixer_cores].every((cores) => cores !== null);
  const quality = summarise(judged, window.seconds);
  const packets = window.packets_in / window.seconds;
  return {
    profile,
    sites,
    joined,
    join_p50_s: round(joins.p50_s),
    join_p95_s: round(joins.p95_s),
    seconds: round(window.seconds, 1),
    server_cores: costs.server_cores,
    relay_cores: costs.relay_cores,
    mixer_cores: costs.mixer_cores,
    server_side_cores: whole ? round(costs.server_cores + costs.relay_cores + costs.mixer_cores, 4) : null,
    relay_us_per_packet: packets > 0 && costs.relay_cores !== null ? round((costs.relay_cores * 1e6) / packets, 2) : null,
    packets_out_per_s: Math.round(packets),
    mbit_out_per_s: round(window.mbit_in_per_s, 1),
    packets_in_per_s: Math.round(window.packets_out_per_s),
    video_fps_min: quality.fps_min,
    video_fps_median: quality.fps_median,
    freeze_ms_max: quality.freeze_ms_max,
    keyframes_per_s_max: mostKeyframes(samples),
    loss_pct: round(window.loss_pct, 4),
    packets_lost: window.expected - window.received,
    packets_unread_by_fleet: window.unread,
    packets_rejected: window.rejected,
    packets_duplicate: window.duplicates,
    media_renewals: window.renewals,
    audio_gap_ms_max: quality.audio_gap_ms_max,
    latency_ms_p50: round(window.latency?.p50_ms, 1),
    latency_ms_p95: round(window.latency?.p95_ms, 1),
    latency_ms_max: round(window.latency?.max_ms, 1),
    latency_pictures: window.latency?.count ?? 0,
    pictures_decoded: window.decoded,
    pictures_undecodable: window.undecodable,
    rss_server_mib: costs.rss_server_mib,
    rss_relay_mib: costs.rss_relay_mib,
    rss_mixer_mib: costs.rss_mixer_mib,
    rss_relay_kib_per_peer: joined > 0 && costs.rss_relay_mib !== null ? round(((costs.rss_relay_mib - relayIdleMib) * 1024) / joined, 1) : null,
    threads: costs.threads_server + costs.threads_relay + costs.threads_mixer,
    fleet_cores: costs.fleet_cores,
    fleet_late_ms_max: round(window.fleet_late_ms_max, 1),
    media_process_restarts: restarts,
    others_cores: costs.others_cores,
    stolen_cores: costs.stolen_cores,
  };
}
