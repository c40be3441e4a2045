// The report as one page that needs nothing else: verdicts, numbers, and plots over time as inline SVG.
import { describe } from './thresholds.mjs';

const WIDTH = 720;
const HEIGHT = 160;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 8;
const COLORS = ['var(--a)', 'var(--b)', 'var(--c)', 'var(--d)'];

const PLOTS = [
  { title: 'CPU · lõi (cores)', series: { server: 'server_cores', relay: 'relay_cores', mixer: 'mixer_cores', fleet: 'fleet_cores' } },
  { title: 'Khung hình mỗi giây · frames per second', series: { slowest: 'fps_min', median: 'fps_median' } },
  { title: 'Đứng hình và mất tiếng lâu nhất trong giây · longest freeze and sound gap, ms', series: { freeze: 'freeze_ms_max', gap: 'audio_gap_ms_max' } },
  { title: 'Điểm cầu có hình và tiếng · sites with picture and sound', series: { joined: 'joined' } },
  { title: 'Mbit/s', series: { 'to sites': 'mbit_in_per_s', 'from sites': 'mbit_out_per_s' } },
  { title: 'Bộ nhớ · memory, MiB', series: { server: 'rss_server_mib', relay: 'rss_relay_mib', mixer: 'rss_mixer_mib', fleet: 'rss_fleet_mib' } },
];

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/** A round number at or above `value`. */
export function ceiling(value) {
  if (!(value > 0)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value * 0.9999);
}

/** Points as the "points" of polylines: one for each run of samples that have a value. */
export function polylines(samples, key, scale) {
  const runs = [[]];
  for (const sample of samples) {
    const value = sample[key];
    if (typeof value === 'number' && Number.isFinite(value)) {
      runs.at(-1).push(`${scale.x(sample.t_s).toFixed(1)},${scale.y(value).toFixed(1)}`);
    } else if (runs.at(-1).length > 0) {
      runs.push([]);
    }
  }
  return runs.filter((run) => run.length > 0).map((run) => run.join(' '));
}

function plot({ title, series }, samples, shade) {
  const keys = Object.values(series);
  const values = samples.flatMap((sample) => keys.map((key) => sample[key])).filter(Number.isFinite);
  if (values.length === 0) {
    return '';
  }
  const from = samples[0].t_s;
  const to = Math.max(samples.at(-1).t_s, from + 1);
  const top = ceiling(Math.max(...values));
  const scale = {
    x: (t) => LEFT + ((t - from) / (to - from)) * (WIDTH - LEFT - 8),
    y: (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP),
  };
  const grid = [0, 0.5, 1].map((part) => {
    const y = scale.y(part * top);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${y}" y2="${y}"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${Number((part * top).toPrecision(3))}</text>`;
  });
  const ticks = Array.from({ length: 5 }, (_, i) => from + ((to - from) * i) / 4)
    .map((t) => `<text x="${scale.x(t)}" y="${HEIGHT - 5}" text-anchor="middle">${Math.round(t)} s</text>`);
  const band = shade === undefined ? '' : `<rect class="band" x="${scale.x(shade.from)}" width="${Math.max(scale.x(shade.to) - scale.x(shade.from), 0)}" y="${TOP}" height="${HEIGHT - BOTTOM - TOP}"/>`;
  const lines = keys.flatMap((key, i) => polylines(samples, key, scale).map((points) => `<polyline points="${points}" style="stroke:${COLORS[i]}"/>`));
  const legend = Object.keys(series).map((name, i) => `<span><i style="background:${COLORS[i]}"></i>${escape(name)}</span>`).join('');
  return `<figure><figcaption>${escape(title)}<span class="legend">${legend}</span></figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">${band}${grid.join('')}${ticks.join('')}${lines.join('')}</svg></figure>`;
}

function verdictRow(verdict) {
  const [text, limit] = [verdict.value ?? '–', `${verdict.kind === 'most' ? '≤' : '≥'} ${Number(verdict.limit.toFixed(3))}`];
  return `<tr class="${verdict.ok ? 'ok' : 'bad'}"><td>${verdict.ok ? '✓' : '✗'}</td><td>${escape(verdict.label)}<br><code>${verdict.key}</code></td><td>${text}</td><td>${limit}</td></tr>`;
}

const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d6dae0;--a:#1769aa;--b:#c2410c;--c:#15803d;--d:#7e22ce;--ok:#15803d;--bad:#b91c1c}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#16181b;--line:#3a3f46;--a:#60b0f4;--b:#fb923c;--c:#4ade80;--d:#c084fc;--ok:#4ade80;--bad:#f87171}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:780px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
td:nth-child(3),td:nth-child(4){text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}code{font-size:.85em;opacity:.75}
.ok td:first-child,.pass{color:var(--ok)}.bad td:first-child,.bad td:nth-child(3),.fail{color:var(--bad);font-weight:600}
figure{margin:1.5rem 0}figcaption{font-weight:600;display:flex;justify-content:space-between;flex-wrap:wrap}.legend span{font-weight:400;margin-left:.9em}.legend i{display:inline-block;width:.8em;height:.25em;margin-right:.35em;vertical-align:middle}
svg{width:100%;height:auto}svg text{font-size:11px;fill:var(--ink);opacity:.8}.grid{stroke:var(--line)}polyline{fill:none;stroke-width:1.6}.band{fill:var(--line);opacity:.35}`;

/** `report` is what report.json holds. */
export function renderReport(report) {
  const { verdicts, samples, machine } = report;
  const inside = samples.filter((sample) => sample.in_window);
  const shade = inside.length > 0 ? { from: inside[0].t_s, to: inside.at(-1).t_s } : undefined;
  const numbers = Object.entries(report).filter(([, value]) => value === null || ['number', 'string', 'boolean'].includes(typeof value));
  const missed = verdicts.filter((verdict) => !verdict.ok);
  return `<!doctype html>
<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Thử tải ${escape(report.profile)} ${report.sites}</title><style>${STYLE}</style>
<h1>Thử tải · load test: ${escape(report.profile)}, ${report.sites} điểm cầu</h1>
<p class="${report.pass ? 'pass' : 'fail'}">${report.pass ? 'ĐẠT · passed' : `KHÔNG ĐẠT · missed: ${missed.map((verdict) => escape(describe(verdict))).join('; ')}`}</p>
<p>${escape(report.started)} · ${escape(machine.cpu)}, ${machine.cores} cores, ${machine.memory_gib} GiB, Linux ${escape(machine.kernel)} · ${escape(report.revision)}</p>
<table><tr><th></th><th>Chỉ tiêu · threshold</th><th>Đo được</th><th>Giới hạn</th></tr>${verdicts.map(verdictRow).join('')}</table>
${PLOTS.map((each) => plot(each, samples, shade)).join('')}
<p>The shaded part is the measured window.</p>
<h2>Số liệu · numbers</h2><table>${numbers.map(([key, value]) => `<tr><td><code>${escape(key)}</code></td><td></td><td>${escape(value ?? '–')}</td></tr>`).join('')}</table>
</html>
`;
}
