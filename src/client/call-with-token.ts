import type { AccessToken } from './access-token.ts';
import type { Fetch } from './environment.ts';
import { reasonOf } from './errors.ts';

export interface CallWithTokenDeps {
  readonly fetch: Fetch;
  readonly token: () => Promise<AccessToken | null>;
  readonly replace: (refused: AccessToken) => Promise<AccessToken | null>;
  /** The server knows nobody by a token that it has just made: its session is over. */
  readonly onRefused: (token: AccessToken) => void;
}

/** Sends calls with the access token; one that is answered `unauthenticated` is repeated once with another. */
export function callWithToken({ fetch, token, replace, onRefused }: CallWithTokenDeps): Fetch {
  return async (url, init) => {
    const first = await token();
    const answer = await fetch(url, withBearer(init, first));
    if (first === null || !(await isUnauthenticated(answer))) return answer;

    const second = await replace(first);
    if (second === null || second === first) return answer;
    const repeated = await fetch(url, withBearer(init, second));
    if (await isUnauthenticated(repeated)) onRefused(second);
    return repeated;
  };
}

function withBearer(init: RequestInit, token: AccessToken | null): RequestInit {
  if (token === null) return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token.value}`);
  return { ...init, headers };
}

async function isUnauthenticated(answer: Response): Promise<boolean> {
  if (answer.status !== 401) return false;
  try {
    const body: unknown = await answer.clone().json();
    return typeof body === 'object' && body !== null && 'error' in body && reasonOf(body.error) === 'unauthenticated';
  } catch {
    return false;
  }
}
