import { useCallback, useSyncExternalStore } from 'react';
import type { MeetingId } from '../protocol';
import { useLive } from './LiveContext';

/** −dBov below which a level bar is empty. */
const FLOOR_DB = 60;

/** How loud one seat is heard now: 0 (not heard) … 1 (loudest). */
export function useLoudness(meeting: MeetingId, source: number): number {
  const live = useLive();
  const read = useCallback(() => {
    const now = live.voices();
    const voice =
      now.meeting === meeting ? now.voices.find((entry) => entry.source === source) : undefined;
    return voice ? Math.min(1, Math.max(0.08, 1 - voice.level / FLOOR_DB)) : 0;
  }, [live, meeting, source]);
  return useSyncExternalStore(live.subscribeVoices, read);
}
