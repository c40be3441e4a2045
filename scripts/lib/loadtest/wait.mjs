// Time: monotonic milliseconds, pauses, and waiting for something with a deadline.

export const nowMs = () => performance.now();
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `probe` until it returns something truthy, which is the result; undefined when time is over. */
export async function poll(probe, { deadlineMs, everyMs = 100 }) {
  const endMs = nowMs() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value) {
      return value;
    }
    if (nowMs() >= endMs) {
      return undefined;
    }
    await sleep(everyMs);
  }
}
