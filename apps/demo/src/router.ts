import { useSyncExternalStore } from 'react';

/** The pages of the demo, by their path. */
export type Path = '/' | '/sign-up' | '/check-inbox' | '/verify' | '/sign-in' | '/account' | '/inbox';

const listeners = new Set<() => void>();

/** Goes to a page without loading anything. */
export function go(path: Path, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  scrollTo(0, 0);
  for (const listener of listeners) listener();
}

/** The path on the address bar, whoever changed it. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('popstate', listener);
  };
}
