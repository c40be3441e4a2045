import { useCallback, useEffect, useState } from 'react';
import { useLive } from './LiveContext';
import type { EventName, FieldsOf, ReplyOf, RequestName } from '../protocol';

/**
 * The answer to a request, asked when the socket is there, again each time it comes back, and after each of `events`;
 * null until it has come. `fields` must stay the same object while the question is the same; null asks nothing.
 */
export function useAnswer<T extends RequestName>(
  name: T,
  fields: FieldsOf<T> | null,
  events: readonly EventName[],
): { answer: ReplyOf<T> | null; ask: () => void } {
  const live = useLive();
  const [answer, setAnswer] = useState<ReplyOf<T> | null>(null);

  const ask = useCallback(() => {
    if (fields !== null) {
      live.client.request(name, fields).then(setAnswer, () => undefined); // asked again when the socket is back
    }
  }, [live, name, fields]);

  useEffect(() => {
    const off = [live.onReady(ask), ...events.map((event) => live.client.on(event, ask))];
    if (live.ready) {
      ask();
    }
    return () => off.forEach((stop) => stop());
  }, [live, ask, events]);

  return { answer, ask };
}
