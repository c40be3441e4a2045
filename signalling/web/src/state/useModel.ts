import { useCallback, useSyncExternalStore } from 'react';
import { useLive } from './LiveContext';
import type { Model } from './model';

/** One part of the live state; the component renders again only when that part changes. */
export function useModel<T>(select: (model: Model) => T): T {
  const live = useLive();
  const read = useCallback(() => select(live.model()), [live, select]);
  return useSyncExternalStore(live.subscribe, read);
}
