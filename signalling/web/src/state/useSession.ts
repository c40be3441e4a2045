import { useCallback, useEffect, useState } from 'react';
import { fetchSession, type Session } from '../protocol/rest';

export type SessionState = { kind: 'loading' } | { kind: 'unreachable' } | Session;

const RETRY_MS = 3_000;

/** Who is logged in. `refresh` asks again; while the server cannot be reached it keeps asking. */
export function useSession(): { session: SessionState; refresh: () => Promise<void> } {
  const [session, setSession] = useState<SessionState>({ kind: 'loading' });

  const refresh = useCallback(async () => {
    try {
      const next = await fetchSession();
      setSession((old) => (isSame(old, next) ? old : next));
    } catch {
      // A page with a user stays as it is: its socket shows that the server is away.
      setSession((old) => (old.kind === 'loading' ? { kind: 'unreachable' } : old));
    }
  }, []);

  useEffect(() => void refresh(), [refresh]);

  useEffect(() => {
    if (session.kind !== 'unreachable') {
      return undefined;
    }
    const timer = setInterval(() => void refresh(), RETRY_MS);
    return () => clearInterval(timer);
  }, [session.kind, refresh]);

  return { session, refresh };
}

function isSame(a: SessionState, b: Session): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
