import { useSyncExternalStore } from 'react';
import type { SessionState } from '../session-store.ts';
import { useSessionOfClient } from './sallyport-provider.ts';

/** Whether somebody is signed in, and who, in step with all tabs. `unknown` while rendering on a server and until the first answer. */
export function useSession(): { readonly state: SessionState; readonly userId: string | null } {
  const session = useSessionOfClient();
  const state = useSyncExternalStore(session.subscribe, session.state, () => 'unknown' as const);
  const userId = useSyncExternalStore(session.subscribe, session.userId, () => null);
  return { state, userId };
}
