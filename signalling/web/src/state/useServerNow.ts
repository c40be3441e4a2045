import { useEffect, useState } from 'react';
import { useLive } from './LiveContext';

const TICK_MS = 500;

/** The server's clock, which times of the protocol are by; this machine's may be wrong. */
export function useServerNow(): number {
  const live = useLive();
  const [aheadMs, setAheadMs] = useState(0);
  const [now, setNow] = useState(Date.now);

  useEffect(() => {
    const ask = (): void => {
      const sentMs = Date.now();
      live.client.request('ping', {}).then(
        ({ time_ms }) => setAheadMs(time_ms - (sentMs + Date.now()) / 2),
        () => undefined, // asked again when the socket is back
      );
    };
    if (live.ready) {
      ask();
    }
    return live.onReady(ask);
  }, [live]);

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);

  return now + aheadMs;
}
