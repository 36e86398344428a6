import { createTRPCClient, splitLink, type TRPCClient } from '@trpc/client';
import { callWithToken } from './call-with-token.ts';
import { browserEnvironment, type Environment, type Fetch } from './environment.ts';
import { httpLinkOver } from './http-link.ts';
import { Renewal } from './renewal.ts';
import type { HasSallyport, SallyportRouter } from './sallyport-router.ts';
import { type Session, sessionOf } from './session.ts';
import { sessionLink } from './session-link.ts';
import { SessionStore } from './session-store.ts';
import { openTabs, type TabMessage } from './tabs.ts';
import { takeTurns } from './take-turns.ts';

export interface SallyportClientOptions extends Partial<Environment> {
  /** Where the router is mounted, such as `/trpc` or `https://api.example.com/trpc`. */
  readonly url: string;
}

export interface SallyportClient<Router extends HasSallyport = SallyportRouter> {
  /** Every procedure of the router. Calls carry the access token, which is renewed as needed; sign-in and sign-out are noticed. */
  readonly trpc: TRPCClient<Router>;
  readonly session: Session;
  /** Stops timers and leaves the other tabs. */
  close(): void;
}

const SETS_REFRESH_COOKIE = new Set(['auth.login', 'auth.verifyEmail', 'auth.refresh', 'auth.logout']);
const NEEDS_NOBODY = new Set([
  'auth.register',
  'auth.registration',
  'auth.resendVerification',
  'auth.changeRegistrationEmail',
  'auth.disownRegistration',
]);
/** Longer than a refresh may take. */
const PATIENCE_MS = 15_000;

/**
 * A client of Sallyport's router, or of a host's with Sallyport's mounted as `auth`. Make one a page.
 *
 * The access token lives in memory only. The refresh cookie is set by one call at a time, in all tabs: where there are no locks
 * (plain http away from localhost), tabs may refresh at once, and the server's grace window makes that safe.
 *
 * `auth.logout` rejects and changes nothing when the server could not be reached: the cookie is out of a page's reach, so a page that
 * claimed to be signed out would be signed in again by the next reload, for whoever sits there then.
 */
export function createSallyportClient<Router extends HasSallyport = SallyportRouter>(
  options: SallyportClientOptions,
): SallyportClient<Router> {
  const { url, fetch, locks, openChannel, now, onWake } = { ...browserEnvironment(), ...options };
  const send: Fetch = (to, init) => fetch(to, { ...init, credentials: 'include' });

  const store = new SessionStore();
  const tabs = openTabs(`sallyport:session:${url}`, openChannel, (message) => store.hear(message));
  const publish = (message: TabMessage) => {
    store.apply(message);
    tabs.tell(message);
  };
  const turns = takeTurns({ name: `sallyport:refresh:${url}`, locks, patienceMs: PATIENCE_MS });

  const own = createTRPCClient<SallyportRouter>({ links: [httpLinkOver(url, send)] });
  const refresh = (signal: AbortSignal) => own.auth.refresh.mutate(undefined, { signal });
  const renewal = new Renewal({ store, refresh, takeTurns: turns, publish, now });

  const sendWithToken = callWithToken({
    fetch: send,
    token: () => renewal.token(),
    replace: (refused) => renewal.replace(refused),
    onRefused: (token) => {
      if (store.token === token) publish({ kind: 'signed-out', at: now() });
    },
  });
  const sendInTurn: Fetch = (to, init) => turns(() => send(to, init));
  const trpc = createTRPCClient<Router>({
    links: [
      sessionLink({ publish, now }),
      splitLink({
        condition: ({ path }) => SETS_REFRESH_COOKIE.has(path),
        true: httpLinkOver(url, sendInTurn),
        false: splitLink({
          condition: ({ path }) => NEEDS_NOBODY.has(path),
          true: httpLinkOver(url, send),
          false: httpLinkOver(url, sendWithToken),
        }),
      }),
    ],
  });

  const sleep = onWake(() => renewal.wake());
  const close = () => {
    sleep();
    renewal.stop();
    tabs.close();
  };
  return { trpc, session: sessionOf(store, renewal), close };
}
