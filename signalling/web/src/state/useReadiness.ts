import { useEffect, useState } from 'react';
import type { Readiness } from '../protocol';
import { useLive } from './LiveContext';
import { withNews } from './readiness';

/** What the sites' tests of themselves have found, live; null until it has come. */
export function useReadiness(): Readiness | null {
  const live = useLive();
  const [readiness, setReadiness] = useState<Readiness | null>(null);

  useEffect(() => {
    const ask = (): void => {
      live.client.request('readiness.get', {}).then(setReadiness, () => undefined); // asked again when the socket is back
    };
    const off = [
      live.onReady(ask),
      live.client.on('readiness', (news) => setReadiness((known) => known && withNews(known, news))),
    ];
    if (live.ready) {
      ask();
    }
    return () => off.forEach((stop) => stop());
  }, [live]);

  return readiness;
}
