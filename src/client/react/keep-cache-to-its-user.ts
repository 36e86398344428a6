import type { QueryClient } from '@tanstack/react-query';
import type { Session } from '../session.ts';

/** Empties the cache when its user signs out or another one signs in, in whatever tab; answers how to stop that. */
export function keepCacheToItsUser(session: Session, queryClient: QueryClient): () => void {
  let before = { state: session.state(), userId: session.userId() };
  return session.subscribe(() => {
    const now = { state: session.state(), userId: session.userId() };
    if (before.state === 'signed-in' && now.userId !== before.userId) forget(queryClient);
    // What was seen, or refused, as a stranger may look different now.
    else if (before.state === 'signed-out' && now.state === 'signed-in') void queryClient.invalidateQueries();
    before = now;
  });
}

function forget(queryClient: QueryClient): void {
  queryClient.getMutationCache().clear();
  queryClient.removeQueries({ type: 'inactive' });
  // What is on the screen starts over, and answers under way are dropped.
  for (const query of queryClient.getQueryCache().getAll()) query.reset();
  // A task later, when what is only for those signed in has left the screen: the rest is asked again, as whoever is there now.
  setTimeout(() => void queryClient.refetchQueries({ type: 'active' }), 0);
}
