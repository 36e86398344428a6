import { useSyncExternalStore } from 'react';

/** What somebody came here with: the secret of a link in a mail, and what the link is for. */
export interface MailedLink {
  readonly purpose: 'confirm' | 'disown';
  readonly token: string;
}

const listeners = new Set<() => void>();
let link = take();

// A second link opened in the same tab changes the fragment only, and loads nothing.
addEventListener('hashchange', () => {
  link = take() ?? link;
  for (const listener of listeners) listener();
});

/** The link that led here, held in memory only: a reload forgets it. */
export function useMailedLink(): MailedLink | null {
  return useSyncExternalStore(subscribe, () => link);
}

/** Reads the fragment and strips it from the address bar and the history, where others could read it later. */
function take(): MailedLink | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token');
  const disown = fragment.get('disown');
  if (token === null && disown === null) return null;
  history.replaceState(null, '', location.pathname);
  return token === null ? { purpose: 'disown', token: disown ?? '' } : { purpose: 'confirm', token };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
