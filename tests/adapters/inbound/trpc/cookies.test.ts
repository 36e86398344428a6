import { Cookie, CookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { type CookieName, cookiesOver } from '#adapters/inbound/trpc/cookies.ts';

const now = new Date('2030-01-01T12:00:00Z');
const NAMES: CookieName[] = ['refresh', 'registration', 'device'];

function open(header?: string, secure = true, at = now) {
  const sent: string[] = [];
  return { sent, cookies: cookiesOver({ header, secure, now: at, append: (cookie) => sent.push(cookie) }) };
}

const parsed = (line = '') => {
  const cookie = Cookie.parse(line);
  if (cookie === undefined) throw new Error(`No cookie: ${line}`);
  const { key, value, maxAge, path, domain, secure, httpOnly, sameSite } = cookie;
  return { key, value, maxAge, path, domain, secure, httpOnly, sameSite };
};

describe.each(NAMES)('the %s cookie', (name) => {
  it('is the host’s alone, out of reach of scripts and of other sites, for as long as its token lives', () => {
    const { cookies, sent } = open();
    cookies.set(name, 'token', new Date('2030-01-08T12:00:00.999Z'));
    expect(parsed(sent[0])).toEqual({
      key: `__Host-${name}`,
      value: 'token',
      maxAge: 604_800,
      path: '/',
      domain: null,
      secure: true,
      httpOnly: true,
      sameSite: 'strict',
    });
  });

  it('is cleared with the attributes it was set with', () => {
    const { cookies, sent } = open();
    cookies.set(name, 'token', new Date('2030-01-08T12:00:00Z'));
    cookies.clear(name);
    expect(parsed(sent[1])).toEqual({ ...parsed(sent[0]), value: '', maxAge: 0 });
  });

  it('is kept and dropped by a browser that is strict about prefixes', async () => {
    const jar = new CookieJar(undefined, { prefixSecurity: 'strict' });
    const { cookies, sent } = open(undefined, true, new Date());
    cookies.set(name, 'token', new Date(Date.now() + 86_400_000));
    await jar.setCookie(sent[0] ?? '', 'https://door.example/trpc/auth.login', { ignoreError: false });
    expect(await jar.getCookieString('https://door.example/')).toBe(`__Host-${name}=token`);
    cookies.clear(name);
    await jar.setCookie(sent[1] ?? '', 'https://door.example/trpc/auth.logout', { ignoreError: false });
    expect(await jar.getCookieString('https://door.example/')).toBe('');
  });

  it('has a plain name and no Secure on plain http', () => {
    const { cookies, sent } = open(undefined, false);
    cookies.set(name, 'token', new Date('2030-01-08T12:00:00Z'));
    expect(parsed(sent[0])).toMatchObject({ key: name, secure: false, httpOnly: true, sameSite: 'strict', path: '/' });
  });
});

describe('a cookie', () => {
  it('of a token that has run out is gone at once', () => {
    const { cookies, sent } = open();
    cookies.set('refresh', 'token', new Date('2029-01-01T00:00:00Z'));
    expect(parsed(sent[0]).maxAge).toBe(0);
  });
});

describe('what a browser sends', () => {
  const refresh = (header: string | undefined, secure = true) => open(header, secure).cookies.get('refresh');

  it.each<[string, string | undefined, string | null]>([
    ['nothing', undefined, null],
    ['nothing of ours', 'theme=dark; x', null],
    ['a token among others', 'a=1; __Host-refresh=s.1.mac; b=2', 's.1.mac'],
    ['a token without spaces', 'a=1;__Host-refresh=s.1.mac;b=2', 's.1.mac'],
    ['two of a name: the first, as browsers put the most specific first', '__Host-refresh=first; __Host-refresh=second', 'first'],
    ['a token with = in it', '__Host-refresh=a=b', 'a=b'],
    ['an empty one', '__Host-refresh=', null],
    ['one too long to be ours', `__Host-refresh=${'x'.repeat(1_025)}`, null],
    ['the plain name, which another subdomain or http could have set', 'refresh=token', null],
    ['the name in other letters', '__host-refresh=token; __HOST-REFRESH=token', null],
    ['a name that only ends alike', 'x__Host-refresh=token', null],
    ['names of the language', '__proto__=x; constructor=y', null],
  ])('%s', (_what, header, expected) => {
    expect(refresh(header)).toBe(expected);
  });

  it('on plain http has plain names only', () => {
    expect(refresh('__Host-refresh=token', false)).toBeNull();
    expect(refresh('refresh=token', false)).toBe('token');
  });

  it('is read in time that grows with its length alone', () => {
    const began = performance.now();
    refresh('a=b;'.repeat(4_000));
    expect(performance.now() - began).toBeLessThan(100);
  });
});
