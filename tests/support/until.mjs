// Waiting for something to become true, with a deadline and never longer than needed.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Monotonic milliseconds. */
export const nowMs = () => performance.now();

/**
 * Calls `probe` until it returns something truthy, which is the result. A probe that throws counts as "not
 * yet"; its last error is told when the deadline passes.
 */
export async function until(what, probe, { deadlineMs = 10_000, everyMs = 50 } = {}) {
  const endMs = nowMs() + deadlineMs;
  let last;
  for (;;) {
    try {
      const value = await probe();
      if (value) {
        return value;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (nowMs() >= endMs) {
      throw new Error(`not within ${deadlineMs} ms: ${what}${last ? ` (${last.message})` : ''}`);
    }
    await sleep(everyMs);
  }
}

/** Milliseconds until `probe` is truthy. */
export async function timeUntil(what, probe, options) {
  const startMs = nowMs();
  await until(what, probe, options);
  return Math.round(nowMs() - startMs);
}

/** `promise`, or an error after `ms`. */
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
