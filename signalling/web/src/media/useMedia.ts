import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { MeetingId } from '../protocol';
import { useLive } from '../state/LiveContext';
import { MediaSession, type MediaState } from './session';

let latest: MediaSession | null = null;

/** For tests in a browser: the connection whose statistics tell what was received. */
declare global {
  interface Window {
    diemcau?: { pc(): RTCPeerConnection | null };
  }
}
if (typeof window !== 'undefined') {
  window.diemcau = { pc: () => latest?.pc() ?? null };
}

/** The media of one meeting, for as long as the component is shown. */
export function useMedia(meeting: MeetingId): { session: MediaSession; media: MediaState } {
  const live = useLive();
  const session = useMemo(
    () =>
      new MediaSession(
        {
          client: live.client,
          get ready() {
            return live.ready;
          },
          onReady: live.onReady,
          expectsMedia: () => live.model().meetings.get(meeting)?.mixer === 'up',
        },
        meeting,
      ),
    [live, meeting],
  );

  useEffect(() => {
    latest = session;
    session.start();
    return () => {
      session.stop();
      latest = latest === session ? null : latest;
    };
  }, [session]);

  return { session, media: useSyncExternalStore(session.subscribe, session.state) };
}
