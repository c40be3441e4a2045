import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { MeetingId, Stats } from '../protocol';
import { useLive } from './LiveContext';
import { byQuality, QualityBoard } from './quality';

/** Rows that jumped each second could not be pressed. */
const ORDER_MS = 3_000;
const NONE: readonly number[] = [];

export const QualityContext = createContext(new QualityBoard());

/** Watches the figures of one meeting for as long as the component is shown. */
export function useQualityBoard(meeting: MeetingId): QualityBoard {
  const live = useLive();
  const board = useMemo(() => new QualityBoard(), [live, meeting]);
  useEffect(() => {
    const { client } = live;
    const ask = (): void => {
      client.request('stats.watch', { meeting }).then(
        ({ seats }) => board.put(seats),
        () => undefined, // asked again when the socket is back
      );
    };
    const off = [
      live.onReady(ask),
      client.on('stats', (event) => event.meeting === meeting && board.put(event.seats)),
    ];
    if (live.ready) {
      ask();
    }
    return () => {
      off.forEach((stop) => stop());
      client.request('stats.watch', { meeting: null }).catch(() => undefined);
    };
  }, [live, meeting, board]);
  return board;
}

export function useQuality(source: number): Stats | null {
  const board = useContext(QualityContext);
  return useSyncExternalStore(
    board.subscribe,
    useCallback(() => board.of(source), [board, source]),
  );
}

/** Sources, poorest connection first, while it is wanted; renewed calmly. */
export function useSourcesByQuality(isWanted: boolean): readonly number[] {
  const board = useContext(QualityContext);
  const [order, setOrder] = useState(NONE);
  useEffect(() => {
    if (!isWanted) {
      setOrder(NONE);
      return undefined;
    }
    const renew = (): void => {
      const next = byQuality(board.all());
      setOrder((old) => (old.join() === next.join() ? old : next));
    };
    renew();
    const timer = setInterval(renew, ORDER_MS);
    return () => clearInterval(timer);
  }, [board, isWanted]);
  return order;
}
