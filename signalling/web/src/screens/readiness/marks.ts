import type { IconName } from '../../parts/icons';
import type { Tone } from '../../parts/StateMark';
import type { Light } from '../../protocol';

export const LIGHT_MARKS: Record<Light, { tone: Tone; icon: IconName }> = {
  good: { tone: 'online', icon: 'online' },
  fair: { tone: 'wait', icon: 'missing' },
  bad: { tone: 'bad', icon: 'remove' },
  untested: { tone: 'offline', icon: 'noDevice' },
};
