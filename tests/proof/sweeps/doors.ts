/** One good token of each kind, and a login. */
export interface Genuine {
  readonly address: string;
  readonly password: string;
  readonly link: string;
  readonly registration: string;
  readonly refresh: string;
  readonly device: string;
  readonly bearer: string;
}

/** One way to use a token. `redeemed` comes back as such, any refusal as its reason. */
export interface Door {
  readonly kind: keyof Genuine;
  /** What is said to somebody with a token that is none. */
  readonly refusal: string;
  open(token: string): Promise<string>;
}

const NEW_OWNER = { newPassword: 'found it on the street', name: 'Finder' };

/** Every way there is, for a service whose login has refused the address until the limit: there only a genuine device token is let through to a guess. */
export function doorsOf(url: string, { address, device }: Genuine): Door[] {
  const call = (procedure: string, headers: Record<string, string>, input?: object) => ask(url, procedure, headers, input);
  return [
    { kind: 'link', refusal: 'invalid-or-expired-token', open: (token) => call('verifyEmail', {}, { token, ...NEW_OWNER }) },
    { kind: 'link', refusal: 'invalid-or-expired-token', open: (token) => call('disownRegistration', {}, { token }) },
    { kind: 'refresh', refusal: 'invalid-refresh-token', open: (token) => call('refresh', { cookie: `refresh=${token}` }, {}) },
    { kind: 'registration', refusal: 'nobody', open: (token) => call('registration', { cookie: `registration=${token}` }) },
    { kind: 'bearer', refusal: 'unauthenticated', open: (token) => call('me', { authorization: `Bearer ${token}` }) },
    {
      kind: 'device',
      refusal: 'too-many-requests',
      open: async (token) => {
        const outcome = await call('login', { cookie: `device=${token}` }, { email: address, password: 'a guess and no more' });
        return outcome === 'invalid-credentials' ? 'redeemed' : outcome;
      },
    },
    {
      // What is kept, given as the password.
      kind: 'password',
      refusal: 'invalid-credentials',
      open: (password) => call('login', { cookie: `device=${device}` }, { email: address, password }),
    },
  ];
}

/** Whether a header can carry it at all. */
export function isSendable(token: string, { kind }: Door): boolean {
  if (kind === 'link') return token.length <= 256;
  if (kind === 'password') return token.length >= 8 && token.length <= 256;
  return /^[\x21-\x3a\x3c-\x7e]{1,1000}$/.test(token);
}

async function ask(url: string, procedure: string, headers: Record<string, string>, input?: object): Promise<string> {
  const sent = input === undefined ? {} : { method: 'POST', body: JSON.stringify(input) };
  const answer = await fetch(`${url}/trpc/auth.${procedure}`, { ...sent, headers: { ...headers, 'content-type': 'application/json' } });
  const body = (await answer.json()) as { error?: { data: { reason: string } }; result?: { data: unknown } };
  if (body.error !== undefined) return body.error.data.reason;
  return body.result?.data === null ? 'nobody' : 'redeemed';
}
