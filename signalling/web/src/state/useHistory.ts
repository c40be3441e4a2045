import { useEffect, useState } from 'react';
import type { Past } from '../protocol';
import { useLive } from './LiveContext';

/** The server lists so many at a time. */
const PAGE = 100;

interface History {
  /** Null until the server has answered. */
  meetings: Past[] | null;
  hasMore: boolean;
  more: () => void;
}

/** The meetings that were held and match `query`, newest first. */
export function useHistory(query: string): History {
  const live = useLive();
  const [meetings, setMeetings] = useState<Past[] | null>(null);
  const [hasMore, setHasMore] = useState(false);

  useEffect(() => {
    let isLate = false;
    const ask = (): void => {
      live.client.request('history.list', { query }).then(
        (reply) => {
          if (!isLate) {
            setMeetings(reply.meetings);
            setHasMore(reply.meetings.length === PAGE);
          }
        },
        () => undefined, // asked again when the socket is back
      );
    };
    if (live.ready) {
      ask();
    }
    const off = live.onReady(ask);
    return () => {
      isLate = true;
      off();
    };
  }, [live, query]);

  const more = (): void => {
    const before = meetings?.at(-1)?.id;
    live.client.request('history.list', { query, ...(before !== undefined && { before }) }).then(
      (reply) => {
        setMeetings((list) => [...(list ?? []), ...reply.meetings]);
        setHasMore(reply.meetings.length === PAGE);
      },
      () => undefined, // the button stays
    );
  };
  return { meetings, hasMore, more };
}
