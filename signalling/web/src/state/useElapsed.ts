import { useEffect, useState } from 'react';
import { formatDuration } from '../i18n/format';

/** The time since then, "5:07", kept current. */
export function useElapsed(sinceMs: number): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return formatDuration(now - sinceMs);
}
