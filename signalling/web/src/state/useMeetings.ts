import { useCallback, useMemo } from 'react';
import type { Meeting, MeetingId } from '../protocol';
import type { Model } from './model';
import { useModel } from './useModel';

const selectAll = (model: Model): ReadonlyMap<MeetingId, Meeting> => model.meetings;

/** The open meetings, newest first. */
export function useMeetings(): Meeting[] {
  const meetings = useModel(selectAll);
  return useMemo(
    () => [...meetings.values()].sort((a, b) => b.opened_ms - a.opened_ms),
    [meetings],
  );
}

/** One open meeting, or null when there is none of that id. */
export function useMeeting(id: MeetingId): Meeting | null {
  return useModel(useCallback((model: Model) => model.meetings.get(id) ?? null, [id]));
}
