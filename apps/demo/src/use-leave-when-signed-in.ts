import { useEffect } from 'react';
import { useSession } from '#client/react/entry.ts';
import { go } from './router.ts';

/** Leaves a page that is for strangers only, as soon as somebody is signed in, in whatever tab. */
export function useLeaveWhenSignedIn(): void {
  const { state } = useSession();
  useEffect(() => {
    if (state === 'signed-in') go('/account', { replace: true });
  }, [state]);
}
