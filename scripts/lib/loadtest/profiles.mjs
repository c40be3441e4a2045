// The scenarios. Each drives a system and its fleets and gives back what main.mjs needs for the report.
import { BAD_SITES, BadLine, LINE_KINDS } from './lossy_lines.mjs';
import { summarise } from './measure.mjs';
import { nowMs, poll, sleep } from './wait.mjs';

const MEETING_SITES_MAX = 207;
const ONLINE_MS = 120_000;
const JOIN_MS = 90_000;
const CLIPS_MS = 60_000;
const WARM_UP_MS = 5_000;
const BYSTANDERS = 4;
const CHURN_MS = 10_000;
const CHURN_PARTS = 10;
const LOSSY_BEFORE_MS = 10_000;
/** A receiver on a slow line is on the rung it carries by then. */
const ADAPT_MS = 8_000;
const BACK_MS = 60_000;
/** 207 tiles are readable in this size. */
const WALL_VIEW = {
  width: 1920,
  height: 1080,
  rungs: [[1920, 1080, 2500], [640, 360, 500], [320, 180, 150]].map(([width, height, kbps]) => ({ codec: 'VP8', width, height, fps: 25, kbps })),
};

const joinedOf = async (fleet) => (await fleet.status()).joined;

async function comeOnline(run, fleet) {
  run.say(`${fleet.count} sites come online`);
  await fleet.request('start');
  const all = await poll(async () => {
    const { online, meeting, joined } = await fleet.status();
    return online + meeting + joined >= fleet.count;
  }, { deadlineMs: ONLINE_MS });
  if (!all) {
    throw new Error(`not all sites came online: ${JSON.stringify(await fleet.status())}`);
  }
}

/** Opens meetings of at most MEETING_SITES_MAX sites each, for the fleets' sites. */
async function meet(run, title, codes, layout, view) {
  for (let first = 0; first < codes.length; first += MEETING_SITES_MAX) {
    const part = codes.slice(first, first + MEETING_SITES_MAX);
    await run.system.openMeeting(title, part, layout, view);
  }
}

async function awaitJoined(fleet, deadlineMs = JOIN_MS) {
  await poll(async () => (await joinedOf(fleet)) >= fleet.count, { deadlineMs });
  return joinedOf(fleet);
}

/** The join times since the fleet's window began; clips are ready and everything has settled when it returns. */
async function settle(run, fleet) {
  const { joins } = await fleet.request('window');
  run.say('warming up');
  await poll(async () => (await fleet.status()).clips_waiting === 0, { deadlineMs: CLIPS_MS });
  await sleep(WARM_UP_MS);
  return joins;
}

async function measure(run, fleets, ms) {
  await Promise.all(fleets.map((fleet) => fleet.request('window.begin')));
  run.beginWindow();
  run.say('measuring', ms);
  await sleep(ms);
  run.endWindow();
  return Promise.all(fleets.map((fleet) => fleet.request('window')));
}

function sitting(layout, view) {
  return async (run) => {
    const fleet = await run.startFleet({ count: run.options.sites });
    await comeOnline(run, fleet);
    run.say('the meeting is opened');
    await meet(run, 'Thử tải', run.system.codes.slice(0, fleet.count), layout, view);
    await awaitJoined(fleet);
    const joins = await settle(run, fleet);
    const [window] = await measure(run, [fleet], run.options.seconds * 1000);
    return { joins, window, judged: window.per_site, joined: await joinedOf(fleet) };
  };
}

/** All sites of one meeting lose power and come back at once; another meeting goes on meanwhile. */
async function storm(run) {
  const { sites, seconds } = run.options;
  const fleet = await run.startFleet({ count: sites });
  const bystanders = await run.startFleet({ name: 'bystanders', first: sites, count: BYSTANDERS });
  await comeOnline(run, fleet);
  await comeOnline(run, bystanders);
  run.say('two meetings are opened');
  await meet(run, 'Thử tải', run.system.codes.slice(0, sites), '4x4');
  await meet(run, 'Phiên khác', run.system.codes.slice(sites, sites + BYSTANDERS), '2x2');
  await awaitJoined(fleet);
  await awaitJoined(bystanders);
  await settle(run, fleet);
  await Promise.all([fleet, bystanders].map((each) => each.request('window.begin')));
  run.beginWindow();
  const endMs = nowMs() + seconds * 1000;
  await sleep(2_000);
  run.say('all sites are killed and start again', endMs - nowMs());
  run.mark('storm');
  await fleet.request('kill');
  await fleet.request('start', { at_once: true });
  await sleep(500); // killed sites are counted as joined until their first tick
  const joined = await awaitJoined(fleet, BACK_MS);
  run.say('all are back', endMs - nowMs());
  await sleep(Math.max(endMs - nowMs(), 3_000));
  run.endWindow();
  const [window, aside] = await Promise.all([fleet, bystanders].map((each) => each.request('window')));
  const others = summarise(aside.per_site, aside.seconds);
  return {
    joins: window.joins,
    window,
    judged: window.per_site,
    joined: Math.min(joined, window.joins.count),
    more: {
      join_max_s: window.joins.max_s,
      bystander_audio_gap_ms_max: others.audio_gap_ms_max,
      bystander_freeze_ms_max: others.freeze_ms_max,
      bystander_fps_min: others.fps_min,
      bystander_loss_pct: aside.loss_pct,
    },
  };
}

/** Every ten seconds a tenth of the sites leaves and the tenth before it comes back. */
async function churn(run) {
  const { sites, seconds } = run.options;
  const fleet = await run.startFleet({ count: sites });
  await comeOnline(run, fleet);
  run.say('the meeting is opened');
  await meet(run, 'Thử tải', run.system.codes.slice(0, sites), '4x4');
  await awaitJoined(fleet);
  await settle(run, fleet);
  const size = Math.max(Math.floor(sites / CHURN_PARTS), 1);
  // The last tenth never leaves: those are judged, whatever the length of the run.
  const parts = Math.max(Math.min(CHURN_PARTS - 1, Math.floor(sites / size) - 1), 1);
  const left = new Set();
  await fleet.request('window.begin');
  run.beginWindow();
  run.say('sites come and go', seconds * 1000);
  const endMs = nowMs() + seconds * 1000;
  let away;
  for (let turn = 0; nowMs() < endMs; turn += 1) {
    const part = { first: (turn % parts) * size, count: size };
    run.mark('churn');
    await fleet.request('leave', part);
    if (away) {
      await fleet.request('start', { ...away, at_once: true });
    }
    away = part;
    for (let site = part.first; site < part.first + part.count; site += 1) {
      left.add(site);
    }
    await sleep(Math.min(CHURN_MS, Math.max(endMs - nowMs(), 0)));
  }
  await fleet.request('start', { at_once: true });
  const joined = await awaitJoined(fleet, BACK_MS);
  run.endWindow();
  const window = await fleet.request('window');
  return {
    joins: window.joins,
    window,
    judged: window.per_site.filter((_, site) => !left.has(site)),
    joined,
    more: { sites_that_left: left.size, rejoins: window.joins.count },
  };
}

/** By how much something on clean lines changed when others went bad, in per cent. */
function change(was, is) {
  return was && Number.isFinite(is) ? Number(Math.abs((100 * (is - was)) / was).toFixed(2)) : null;
}

/** Some sites have bad lines; everybody else must not notice. */
async function lossy(run) {
  const { sites, seconds } = run.options;
  const clean = sites - BAD_SITES;
  const main = await run.startFleet({ count: clean });
  const fleets = [main];
  let first = clean;
  for (const { kind, serverAddress, inside } of run.lines) {
    fleets.push(await run.startFleet({ name: kind.name, first, count: kind.sites, host: serverAddress, inside }));
    first += kind.sites;
  }
  for (const fleet of fleets) {
    await comeOnline(run, fleet);
  }
  run.say('the meeting is opened');
  await meet(run, 'Thử tải', run.system.codes.slice(0, sites), '4x4');
  for (const fleet of fleets) {
    await awaitJoined(fleet);
  }
  const joins = await settle(run, main);
  await main.request('window.begin');
  await sleep(LOSSY_BEFORE_MS);
  const before = await main.request('window');
  run.mark('lines go bad');
  run.lines.forEach((line) => line.spoil(run.system.mediaPort));
  run.say('the bad lines settle', ADAPT_MS);
  await sleep(ADAPT_MS);
  const [window, ...others] = await measure(run, fleets, seconds * 1000);
  const quality = summarise(window.per_site, window.seconds);
  const calm = summarise(before.per_site, before.seconds);
  const more = {
    clean_fps_min: quality.fps_min,
    clean_loss_pct: window.loss_pct,
    clean_audio_gap_ms_max: quality.audio_gap_ms_max,
    clean_freeze_ms_max: quality.freeze_ms_max,
    clean_kbps_change_pct: change(calm.kbps_median, quality.kbps_median),
    clean_fps_change_pct: change(calm.fps_median, quality.fps_median),
    clean_latency_change_pct: change(before.latency?.p50_ms, window.latency?.p50_ms),
  };
  others.forEach((other, i) => {
    const seen = summarise(other.per_site, other.seconds);
    const { name } = run.lines[i].kind;
    Object.assign(more, {
      [`${name}_freeze_ms_max`]: seen.freeze_ms_max,
      [`${name}_fps_min`]: seen.fps_min,
      [`${name}_audio_gap_ms_max`]: seen.audio_gap_ms_max,
      [`${name}_loss_pct`]: other.loss_pct,
      [`${name}_repaired`]: other.repaired,
      [`${name}_kbps`]: seen.kbps_median,
    });
  });
  const joined = (await Promise.all(fleets.map(joinedOf))).reduce((sum, count) => sum + count, 0);
  return { joins, window, judged: window.per_site, joined, more };
}

/** Lines that a profile needs before the server starts, because the server names their addresses. */
export function openLines(profile) {
  if (profile !== 'lossy') {
    return [];
  }
  if (process.getuid() !== 0) {
    throw new Error('the profile lossy makes network namespaces: run it as root');
  }
  const lines = LINE_KINDS.map((kind, i) => new BadLine(kind, i + 1));
  try {
    lines.forEach((line) => line.open());
  } catch (error) {
    lines.forEach((line) => line.close());
    throw error;
  }
  return lines;
}

export const PROFILES = { plenary: sitting('4x4'), wall: sitting('wall', WALL_VIEW), storm, churn, lossy };

/** Sites the directory must have. */
export const sitesNeeded = (profile, sites) => sites + (profile === 'storm' ? BYSTANDERS : 0);
/** The least number of sites that makes sense. */
export const SITES_MIN = { plenary: 1, wall: 1, storm: 1, churn: 10, lossy: BAD_SITES + 2 };
