import { describe, expect, it } from 'vitest';
import { speakingTime } from '../src/state/floor';
import { queuePlaces } from '../src/state/seats';

describe('the time of who speaks', () => {
  const at = (seconds: number) => speakingTime(10_000, 300, 10_000 + seconds * 1000);

  it('is amber in the last fifth and red when it is over', () => {
    expect(at(239)).toEqual({ usedS: 239, leftS: 61, tone: 'plain' });
    expect(at(240)).toEqual({ usedS: 240, leftS: 60, tone: 'amber' });
    expect(at(299).tone).toBe('amber');
    expect(at(300)).toEqual({ usedS: 300, leftS: 0, tone: 'red' });
    expect(at(365)).toEqual({ usedS: 365, leftS: -65, tone: 'red' });
  });

  it('only counts where there is no limit', () => {
    expect(speakingTime(0, null, 7_900)).toEqual({ usedS: 7, leftS: null, tone: 'plain' });
  });

  it('does not run backwards when clocks differ a little', () => {
    expect(speakingTime(10_000, 300, 9_000).usedS).toBe(0);
  });
});

describe('the speaking queue', () => {
  it('numbers the hands from 1', () => {
    const places = queuePlaces([
      { source: 7, raised_ms: 1 },
      { source: 3, raised_ms: 2 },
    ]);
    expect([places.get(7), places.get(3), places.get(1)]).toEqual([1, 2, undefined]);
  });
});
