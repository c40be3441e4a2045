import { useEffect, useState } from 'react';
import type { MeetingId, Note } from '../protocol';
import { useLive } from './LiveContext';

/** The notes of a meeting, oldest first: fetched after each connection, then as they come. */
export function useNotes(meeting: MeetingId): readonly Note[] {
  const live = useLive();
  const [notes, setNotes] = useState<readonly Note[]>([]);

  useEffect(() => {
    const ask = (): void => {
      live.client.request('note.list', { meeting }).then(
        (reply) => setNotes((list) => merge(reply.notes, list)),
        () => undefined, // asked again when the socket is back
      );
    };
    const off = [
      live.onReady(ask),
      live.client.on('note', (event) => {
        if (event.meeting === meeting) {
          setNotes((list) => merge(list, [event.note]));
        }
      }),
    ];
    if (live.ready) {
      ask();
    }
    return () => off.forEach((stop) => stop());
  }, [live, meeting]);

  return notes;
}

/** Each note once, in the order of their numbers. */
export function merge(some: readonly Note[], others: readonly Note[]): Note[] {
  const byId = new Map([...some, ...others].map((note) => [note.id, note]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
