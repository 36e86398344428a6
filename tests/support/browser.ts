import { createTRPCClient, httpLink, type TRPCClient, TRPCClientError } from '@trpc/client';
import { CookieJar } from 'tough-cookie';
import type { AppRouter } from '#adapters/inbound/trpc/app-router.ts';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A browser as far as the service can see one: a cookie jar, an Origin, and the real tRPC client. */
export class Browser {
  readonly jar = new CookieJar(undefined, { prefixSecurity: 'strict', allowSpecialUseDomain: true });
  readonly trpc: TRPCClient<AppRouter>;
  accessToken: string | null = null;
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = { origin: new URL(url).origin, ...headers };
    this.trpc = createTRPCClient<AppRouter>({
      links: [httpLink({ url: `${url}/trpc`, fetch: (input, init) => this.fetch(input.toString(), init as RequestInit) })],
    });
  }

  /** `fetch` with this browser's cookies, which it keeps as a browser would. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
    const cookies = await this.jar.getCookieString(url);
    if (cookies !== '') headers.set('cookie', cookies);
    if (this.accessToken !== null) headers.set('authorization', `Bearer ${this.accessToken}`);

    const answer = await fetch(url, { ...init, headers });
    for (const cookie of answer.headers.getSetCookie()) await this.jar.setCookie(cookie, url, { ignoreError: false });
    return answer;
  }

  /** One procedure by hand, to see the bytes. */
  async post(procedure: string, input?: unknown): Promise<RawAnswer> {
    const answer = await this.fetch(`${this.#url}/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  }

  async login(email: string, password: string) {
    const session = await this.trpc.auth.login.mutate({ email, password });
    this.accessToken = session.accessToken;
    return session;
  }

  async cookie(name: 'refresh' | 'registration' | 'device'): Promise<string | null> {
    const cookies = await this.jar.getCookies(this.#url);
    return cookies.find(({ key }) => key.replace('__Host-', '') === name)?.value ?? null;
  }
}

/** The reason of a refused call; fails when the call was not refused. */
export async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    (value) => {
      throw new Error(`expected a refusal, got ${JSON.stringify(value)}`);
    },
    (refusal: unknown) => refusal,
  );
  if (!(error instanceof TRPCClientError)) throw error;
  const data = error.data as { reason?: string } | undefined;
  return data?.reason ?? `without a reason: ${error.message}`;
}
