/** The cookies that there are. */
export type CookieName = 'refresh' | 'registration' | 'device';

/** A browser's cookies, as far as procedures need them. */
export interface Cookies {
  get(name: CookieName): string | null;
  set(name: CookieName, token: string, expiresAt: Date): void;
  clear(name: CookieName): void;
}

export interface CookieTransport {
  /** The Cookie header of the request. */
  readonly header: string | undefined;
  /** With Secure and the `__Host-` prefix (RFC 6265bis); without on plain http, where a browser would drop them. */
  readonly secure: boolean;
  readonly now: Date;
  append(setCookie: string): void;
}

const LONGEST = 1_024;

/** Reads and writes cookies. One place: a cookie is cleared with the very attributes it was set with. */
export function cookiesOver({ header, secure, now, append }: CookieTransport): Cookies {
  const fullName = (name: CookieName) => (secure ? `__Host-${name}` : name);
  const attributes = `; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  const received = parse(header ?? '');
  return {
    get: (name) => received.get(fullName(name)) ?? null,
    set: (name, token, expiresAt) => {
      const seconds = Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1000));
      append(`${fullName(name)}=${token}; Max-Age=${seconds}${attributes}`);
    },
    clear: (name) => append(`${fullName(name)}=; Max-Age=0${attributes}`),
  };
}

/** The first of a name counts: browsers put the most specific first. Tokens need no decoding. */
function parse(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    if (at > 0 && value !== '' && value.length <= LONGEST && !cookies.has(name)) cookies.set(name, value);
  }
  return cookies;
}
