/** The time of who speaks: what is used, what is left, and how pressing it is. */
export interface SpeakingTime {
  usedS: number;
  /** Null without a limit; negative when it is over. */
  leftS: number | null;
  tone: 'plain' | 'amber' | 'red';
}

/** Amber in the last fifth of the limit, red when it is over. */
export function speakingTime(
  sinceMs: number,
  limitS: number | null,
  nowMs: number,
): SpeakingTime {
  const usedS = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  if (limitS === null) {
    return { usedS, leftS: null, tone: 'plain' };
  }
  const leftS = limitS - usedS;
  return { usedS, leftS, tone: leftS <= 0 ? 'red' : leftS * 5 <= limitS ? 'amber' : 'plain' };
}
