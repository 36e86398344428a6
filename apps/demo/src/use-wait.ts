import { useMemo } from 'react';
import { reasonOf, retryAfterMs } from '#client/entry.ts';
import { useSecondsUntil } from './use-seconds-until.ts';

/** Seconds that a refusal asks to wait before the next try, counted from when it came; 0 when it asks for none. */
export function useWait(error: unknown): number {
  const until = useMemo(() => {
    const waitMs = reasonOf(error) === 'too-many-requests' ? retryAfterMs(error) : null;
    return waitMs === null ? 0 : Date.now() + waitMs;
  }, [error]);
  return useSecondsUntil(until);
}
