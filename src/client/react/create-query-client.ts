import { QueryClient } from '@tanstack/react-query';
import { reasonOf, retryAfterMs } from '../errors.ts';

const RETRIES = 2;

/** A cache that asks again after trouble with the network or the server, and never after a refusal. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < RETRIES && isTrouble(error),
        retryDelay: (failures, error) => retryAfterMs(error) ?? 1000 * 2 ** failures,
      },
    },
  });
}

function isTrouble(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === null || reason === 'unavailable' || reason === 'internal';
}
