import { type UseQueryResult, useQuery } from '@tanstack/react-query';

/** A mail that the embedded mail server has caught. */
export interface CaughtMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly receivedAt: string;
}

/** The embedded inbox, newest first; `null` where the service sends real mail. Asked once, or every `everyMs`. */
export function useDevInbox({ everyMs }: { everyMs?: number } = {}): UseQueryResult<readonly CaughtMail[] | null> {
  return useQuery({
    queryKey: ['dev-inbox'],
    queryFn: readInbox,
    staleTime: everyMs === undefined ? Number.POSITIVE_INFINITY : 0,
    refetchInterval: ({ state: { data } }) => (everyMs === undefined || data === null ? false : everyMs),
  });
}

async function readInbox({ signal }: { signal: AbortSignal }): Promise<readonly CaughtMail[] | null> {
  const answer = await fetch('/dev/inbox.json', { signal });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error('The inbox could not be read.');
  return (await answer.json()) as readonly CaughtMail[];
}
