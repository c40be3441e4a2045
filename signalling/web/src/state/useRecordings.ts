import { useEffect, useState } from 'react';
import type { Recording } from '../protocol';
import { useLive } from './LiveContext';
import { withRecording } from './recordings';

/** All recordings, the latest first; null until the server has said. */
export function useRecordings(): readonly Recording[] | null {
  const live = useLive();
  const [recordings, setRecordings] = useState<readonly Recording[] | null>(null);

  useEffect(() => {
    const ask = (): void => {
      live.client.request('recording.list', {}).then(
        (reply) => setRecordings(reply.recordings),
        () => undefined, // asked again when the socket is back
      );
    };
    const off = [
      live.onReady(ask),
      live.client.on('recording', ({ recording }) =>
        setRecordings((list) => list && withRecording(list, recording)),
      ),
      live.client.on('recording.removed', ({ recording }) =>
        setRecordings((list) => list && list.filter(({ id }) => id !== recording)),
      ),
    ];
    if (live.ready) {
      ask();
    }
    return () => off.forEach((stop) => stop());
  }, [live]);

  return recordings;
}
