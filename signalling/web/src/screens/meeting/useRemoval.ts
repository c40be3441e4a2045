import { useCallback, useEffect, useRef, useState } from 'react';
import type { MeetingId } from '../../protocol';
import { useToasts } from '../../parts/Toaster';
import { useLive } from '../../state/LiveContext';

const UNDO_MS = 5_000;

export interface Removal {
  /** When each seat will be removed, on the clock of `Date.now()`. */
  pending: ReadonlyMap<number, number>;
  ask: (source: number) => void;
  cancel: (source: number) => void;
}

/** Seats are removed five seconds after the press; until then the press can be taken back. */
export function useRemoval(meeting: MeetingId): Removal {
  const live = useLive();
  const { attempt } = useToasts();
  const [pending, setPending] = useState<ReadonlyMap<number, number>>(new Map());
  const timers = useRef(new Map<number, ReturnType<typeof setTimeout>>());

  const forget = useCallback((source: number) => {
    clearTimeout(timers.current.get(source));
    timers.current.delete(source);
    setPending((old) => {
      const next = new Map(old);
      next.delete(source);
      return next;
    });
  }, []);

  const remove = useCallback(
    (source: number) => {
      forget(source);
      void attempt(live.client.request('seat.remove', { meeting, source }));
    },
    [attempt, forget, live, meeting],
  );

  const ask = useCallback(
    (source: number) => {
      timers.current.set(source, setTimeout(() => remove(source), UNDO_MS));
      setPending((old) => new Map(old).set(source, Date.now() + UNDO_MS));
    },
    [remove],
  );

  // Whoever leaves the screen in these seconds has decided.
  useEffect(() => {
    const waiting = timers.current;
    return () => [...waiting.keys()].forEach(remove);
  }, [remove]);

  return { pending, ask, cancel: forget };
}
