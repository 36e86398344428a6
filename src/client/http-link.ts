import { httpLink, type TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import type { Fetch } from './environment.ts';

type LinkFetch = NonNullable<Parameters<typeof httpLink>[0]['fetch']>;

/** One HTTP request a call, unbatched, so that each answer sets its own cookies. */
export function httpLinkOver(url: string, fetch: Fetch): TRPCLink<AnyTRPCRouter> {
  const send: LinkFetch = (to, init = {}) => {
    // tRPC's own request type says `undefined` where the platform's says `null`.
    const { method = 'GET', headers = {}, body = null, signal = null } = init;
    return fetch(String(to), { method, headers, body, signal });
  };
  return httpLink({ url, fetch: send });
}
