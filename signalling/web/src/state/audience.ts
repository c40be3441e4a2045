import type { Audience, Meeting, Site } from '../protocol';

/** An audience as the value of one choice, and back. Several chosen sites stay as they are. */
export function audienceKey(audience: Audience): string {
  return typeof audience === 'string' ? audience : `sites:${audience.sites.join(',')}`;
}

export function audienceOf(key: string): Audience {
  return key.startsWith('sites:') ? { sites: key.slice('sites:'.length).split(',') } : (key as Audience);
}

/** What can be chosen for a meeting: tiers and branches that have a seat in it, and each of its sites. */
export interface AudienceChoices {
  tiers: string[];
  branches: Site[];
  sites: Site[];
}

export function audienceChoices(meeting: Meeting, sites: readonly Site[]): AudienceChoices {
  const inside = new Set(meeting.seats.map((seat) => seat.site));
  const here = sites.filter((site) => inside.has(site.code));
  const parents = new Set(here.map((site) => site.parent));
  return {
    tiers: [...new Set(here.map((site) => site.tier))],
    branches: sites.filter((site) => parents.has(site.code)),
    sites: here,
  };
}
