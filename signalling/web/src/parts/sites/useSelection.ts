import { useCallback, useState } from 'react';

export interface Selection {
  codes: ReadonlySet<string>;
  /** Chooses or un-chooses all of `codes`. */
  set: (codes: readonly string[], chosen: boolean) => void;
  clear: () => void;
  /** Just these. */
  replace: (codes: readonly string[]) => void;
}

export function useSelection(): Selection {
  const [codes, setCodes] = useState<ReadonlySet<string>>(new Set());
  const set = useCallback((changed: readonly string[], chosen: boolean) => {
    setCodes((old) => {
      const next = new Set(old);
      changed.forEach((code) => (chosen ? next.add(code) : next.delete(code)));
      return next;
    });
  }, []);
  const clear = useCallback(() => setCodes(new Set()), []);
  const replace = useCallback((next: readonly string[]) => setCodes(new Set(next)), []);
  return { codes, set, clear, replace };
}
