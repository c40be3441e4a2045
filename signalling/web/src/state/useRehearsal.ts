import { useEffect, useState } from 'react';
import type { Rehearsal } from '../protocol';
import { useLive } from './LiveContext';

/** The rehearsal that runs or ran last; null until the server has said. */
export function useRehearsal(): Rehearsal | null {
  const live = useLive();
  const [rehearsal, setRehearsal] = useState<Rehearsal | null>(null);

  useEffect(() => {
    const ask = (): void => {
      live.client.request('rehearsal.get', {}).then(
        (reply) => setRehearsal(reply.rehearsal),
        () => undefined, // asked again when the socket is back
      );
    };
    const off = [live.onReady(ask), live.client.on('rehearsal', setRehearsal)];
    if (live.ready) {
      ask();
    }
    return () => off.forEach((stop) => stop());
  }, [live]);

  return rehearsal;
}
