import { describe, expect, it } from 'vitest';
import type { Audience, Meeting, Site } from '../src/protocol';
import { audienceChoices, audienceKey, audienceOf } from '../src/state/audience';

const site = (code: string, tier: Site['tier'], parent: string | null): Site => ({
  code, name: code, tier, parent, online: true, device: true, meeting: null,
});
const SITES = [site('TW', 'central', null), site('TG', 'province', null), site('CB', 'district', 'TG'), site('CB-01', 'commune', 'CB')];
const meetingOf = (...codes: string[]): Meeting =>
  ({ seats: codes.map((code) => ({ site: code })) }) as unknown as Meeting;

describe('an audience', () => {
  it.each<Audience>(['everyone', 'chair', 'tier:commune', 'branch:CB', { sites: ['CB-01'] }, { sites: ['TG', 'CB'] }])(
    'is the same after a choice: %j',
    (audience) => {
      expect(audienceOf(audienceKey(audience))).toEqual(audience);
    },
  );

  it('can be a tier or a branch only of those who are in the meeting', () => {
    const { tiers, branches, sites } = audienceChoices(meetingOf('TG', 'CB-01'), SITES);
    expect(tiers).toEqual(['province', 'commune']);
    expect(branches.map(({ code }) => code)).toEqual(['CB']);
    expect(sites.map(({ code }) => code)).toEqual(['TG', 'CB-01']);
  });
});
