import type { Site } from '../../protocol';
import type { IconName } from '../icons';
import type { Tone } from '../StateMark';

export type SiteState = 'meeting' | 'online' | 'offline' | 'noDevice';

export function siteState(site: Site): SiteState {
  if (site.meeting) {
    return 'meeting';
  }
  if (site.online) {
    return 'online';
  }
  return site.device ? 'offline' : 'noDevice';
}

export const SITE_MARKS: Record<SiteState, { tone: Tone; icon: IconName }> = {
  meeting: { tone: 'meeting', icon: 'meeting' },
  online: { tone: 'online', icon: 'online' },
  offline: { tone: 'offline', icon: 'offline' },
  noDevice: { tone: 'offline', icon: 'noDevice' },
};
