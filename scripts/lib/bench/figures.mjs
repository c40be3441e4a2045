// From measurements to the lines of the bench: medians, the better of two, ratios, the table.

const round = (value, digits = 4) => Number(value.toFixed(digits));

export function median(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  return ordered.length % 2 === 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

/** The medians of what several rounds have measured; the worst of what counts faults. */
export function summariseRounds(rounds) {
  const of = (name) => rounds.map((round) => round[name]);
  const groups = Object.fromEntries(Object.keys(rounds[0].groups).map((name) => [name, median(rounds.map((one) => one.groups[name]))]));
  const medians = Object.fromEntries(['cores', 'clientsCores', 'othersCores', 'lossPct', 'pps', 'kbps', 'usPerPacket'].map((name) => [name, median(of(name))]));
  return { ...medians, groups, stalled: Math.max(...of('stalled')), unread: Math.max(...of('unread')), profile: rounds[0].profile };
}

/** Losing a hundredth more cannot be bought with CPU time. */
export function better(a, b) {
  if (Math.abs(a.lossPct - b.lossPct) > 1) {
    return a.lossPct < b.lossPct ? a : b;
  }
  return a.cores <= b.cores ? a : b;
}

/** The fields of one side of a line. */
function side(name, seen) {
  return {
    [`${name}_cores`]: round(seen.cores),
    [`${name}_us_per_packet`]: round(seen.usPerPacket, 2),
    [`${name}_loss_pct`]: round(seen.lossPct, 3),
    [`${name}_pps`]: round(seen.pps, 1),
    [`${name}_stalled`]: seen.stalled,
    [`${name}_unread`]: seen.unread,
    [`${name}_profile`]: seen.profile,
  };
}

export function fanOutLine(receivers, { ours, janus, limit }) {
  const [loops, best] = Object.entries(janus).reduce((a, b) => (better(a[1], b[1]) === a[1] ? a : b));
  return {
    bench: 'fanout',
    receivers,
    ...side('ours', ours),
    ...side('janus', best),
    janus_event_loops: Number(loops),
    ...Object.fromEntries(Object.entries(janus).map(([name, seen]) => [`janus_loops_${name}_cores`, round(seen.cores)])),
    ...side('limit', limit),
    ratio: round(ours.cores / best.cores),
    over_limit: round(ours.cores / limit.cores, 3),
    kbps: round(ours.kbps, 0),
    clients_cores: round(ours.clientsCores),
    others_cores: round(Math.max(...[ours, best, limit].map((seen) => seen.othersCores)), 2),
  };
}

/** `janus` by sampling rate; the first is compared. */
export function audioLine(participants, talkers, { ours, janus }) {
  const [[rate, first], ...others] = janus;
  return {
    bench: 'audio',
    participants,
    talkers,
    ...side('ours', ours),
    ours_relay_cores: round(ours.groups.relay),
    ours_mixer_cores: round(ours.groups.mixer),
    ...side('janus', first),
    janus_rate_hz: rate,
    ratio: round(ours.cores / first.cores),
    ...Object.fromEntries(others.flatMap(([hz, seen]) => [
      [`janus_${hz}_cores`, round(seen.cores)], [`janus_${hz}_pps`, round(seen.pps, 1)], [`ratio_${hz}`, round(ours.cores / seen.cores)],
    ])),
    clients_cores: round(ours.clientsCores),
    others_cores: round(Math.max(ours.othersCores, first.othersCores), 2),
  };
}

const COLUMNS = ['what', 'cores', 'µs/packet', 'packets/s each', 'loss %', 'clients', 'others'];

const cells = (what, seen) => [
  what, seen.cores.toFixed(3), seen.usPerPacket.toFixed(2), seen.pps.toFixed(1), seen.lossPct.toFixed(2), seen.clientsCores.toFixed(2), seen.othersCores.toFixed(2),
];

/** Text of a table: [[what, measurement], …]. */
export function table(rows) {
  const all = [COLUMNS, ...rows.map(([what, seen]) => cells(what, seen))];
  const widths = COLUMNS.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}
