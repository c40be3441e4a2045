const FIRST_MS = 500;
const MOST_MS = 10_000;

/**
 * How long to wait before connection attempt `attempt` (0, 1, …): full jitter, so that many pages
 * whose server restarted do not come back in one instant. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.2 + 0.8 * random));
}
