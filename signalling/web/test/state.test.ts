import { describe, expect, it } from 'vitest';
import type { Meeting, Seat, Site, Tier } from '../src/protocol';
import { fromWatch, withMeeting, withoutSeat, withSeat, withSite } from '../src/state/model';
import { isTroubled, joinedCount, worstFirst } from '../src/state/seats';
import { buildTree, filterTree } from '../src/state/tree';

const site = (code: string, tier: Tier, parent: string | null, online = true): Site => ({
  code,
  name: code,
  tier,
  parent,
  online,
  device: true,
  meeting: null,
});

const seat = (source: number, state: Seat['state'], code: string | null = `S${source}`): Seat => ({
  source,
  site: code,
  name: `S${source}`,
  tier: 'commune',
  state,
  reason: null,
  muted: false,
  video: 'none',
  view: 0,
  cell: null,
  trouble: [],
  talk_s: 0,
  mark: null,
});

const meeting: Meeting = {
  id: 1,
  title: 'Giao ban',
  layout: '1+5',
  spotlight: null,
  chair: null,
  floor: null,
  floor_since_ms: null,
  speaking_limit_s: null,
  hands: [],
  muted_all: false,
  roll: { state: 'idle', source: null, started_ms: null },
  opened_ms: 0,
  mixer: 'up',
  picture: { width: 1280, height: 720 },
  views: [],
  recording: false,
  recordings: [],
  seats: [seat(1, 'joined'), seat(2, 'calling')],
};

describe('the tree of sites', () => {
  const sites = [
    site('TW', 'central', null),
    site('T', 'province', 'TW'),
    site('A1', 'agency', 'T', false),
    site('D1', 'district', 'T'),
    site('C1', 'commune', 'D1', false),
    site('C2', 'commune', 'D1'),
  ];

  it('puts children of several tiers under headings and counts each branch', () => {
    const [root] = buildTree(sites);
    const province = root?.children[0];
    expect(root?.counts).toEqual({ total: 6, online: 4, meeting: 0 });
    expect(province?.children.map((node) => node.key)).toEqual(['T/agency', 'T/district']);
    expect(province?.children[1]?.codes).toEqual(['D1', 'C1', 'C2']);
  });

  it('hides no site whose parent is unknown or that is its own ancestor', () => {
    const odd = [site('X', 'commune', 'gone'), site('P', 'agency', 'Q'), site('Q', 'agency', 'P')];
    const codes = buildTree(odd).flatMap((node) => node.codes);
    expect(codes.sort()).toEqual(['P', 'Q', 'X']);
  });

  it('keeps the ancestors of what a filter keeps', () => {
    const [root] = filterTree(buildTree(sites), ({ code }) => code === 'C2');
    const district = root?.children[0]?.children[0]?.children[0];
    expect(district?.site?.code).toBe('D1');
    expect(district?.children.map((node) => node.site?.code)).toEqual(['C2']);
    expect(root?.codes).toEqual(['C2']);
    expect(root?.counts.total).toBe(1);
  });
});

describe('the live model', () => {
  const model = fromWatch({
    user: { name: 'a', role: 'host' },
    sites: [site('A', 'agency', null)],
    meetings: [meeting],
    layouts: [], presets: [],
  });

  it('keeps the seats when a meeting changes without them', () => {
    const next = withMeeting(model, { ...meeting, layout: '2x2' });
    expect(next.meetings.get(1)).toMatchObject({ layout: '2x2', seats: meeting.seats });
    expect(model.meetings.get(1)?.layout).toBe('1+5');
  });

  it('adds, replaces and removes seats by source', () => {
    const added = withSeat(model, 1, seat(3, 'calling'));
    const changed = withSeat(added, 1, seat(2, 'joined'));
    const removed = withoutSeat(changed, 1, 1);
    expect(removed.meetings.get(1)?.seats.map((s) => [s.source, s.state])).toEqual([
      [2, 'joined'],
      [3, 'calling'],
    ]);
  });

  it('ignores a seat of a meeting it does not know, and takes a new site', () => {
    expect(withSeat(model, 2, seat(1, 'joined'))).toBe(model);
    expect(withSite(model, site('B', 'agency', null)).sites).toHaveLength(2);
    expect(withSite(model, site('A', 'agency', null, false)).sites[0]?.online).toBe(false);
  });
});

describe('the list of seats', () => {
  const seats = [seat(1, 'joined'), seat(2, 'missing'), seat(3, 'lost'), seat(4, 'joined', null)];

  it('shows the worst first', () => {
    expect(worstFirst(seats).map((s) => s.source)).toEqual([2, 3, 1, 4]);
  });

  it('puts who is not seen or heard well before those who are', () => {
    const dark = seats.map((s) => (s.source === 4 ? { ...s, trouble: ['dark' as const] } : s));
    expect(worstFirst(dark, [1, 4]).map((s) => s.source)).toEqual([2, 3, 4, 1]);
    expect(dark.filter(isTroubled).map((s) => s.source)).toEqual([4]);
  });

  it('shows the poorest connections first among those who are in', () => {
    expect(worstFirst(seats, [4, 1]).map((s) => s.source)).toEqual([2, 3, 4, 1]);
  });

  it('counts sites, not users', () => {
    expect(joinedCount(seats)).toEqual({ joined: 1, total: 3 });
  });
});
