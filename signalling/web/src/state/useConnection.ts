import { useCallback, useSyncExternalStore } from 'react';
import type { ConnectionStatus } from '../protocol';
import { useLive } from './LiveContext';

/** The state of the WebSocket, and whether the first complete picture has come since. */
export function useConnection(): { status: ConnectionStatus; ready: boolean } {
  const live = useLive();
  const subscribe = useCallback(
    (listener: () => void) => {
      const off = [live.client.onStatus(listener), live.subscribe(listener)];
      return () => off.forEach((stop) => stop());
    },
    [live],
  );
  const status = useSyncExternalStore(subscribe, () => live.client.status);
  const ready = useSyncExternalStore(subscribe, () => live.ready);
  return { status, ready };
}
