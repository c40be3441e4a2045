import { useSyncExternalStore } from 'react';

export interface Route {
  path: string;
  query: URLSearchParams;
}

const read = (): string => window.location.hash.replace(/^#/, '') || '/';

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The place in the page: `#/meeting/1?x=y` is path `/meeting/1` with query `x=y`. */
export function useRoute(): Route {
  const [path = '/', query = ''] = useSyncExternalStore(subscribe, read).split('?', 2);
  return { path, query: new URLSearchParams(query) };
}

export function go(path: string): void {
  window.location.hash = path;
}

/** As `go`, without leaving the present place in the history (it held a one-time token). */
export function replace(path: string): void {
  window.location.replace(`#${path}`);
}
