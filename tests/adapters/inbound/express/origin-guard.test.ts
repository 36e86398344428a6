import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorDataOf, type Http, openHttp } from '../../../support/http.ts';

let http: Http;
beforeAll(async () => {
  http = await openHttp();
});
afterAll(() => http.close());
beforeEach(() => http.events.splice(0));

const OWN = 'https://door.example';
const ALLOWED = 'https://app.door.example';
const FOREIGN = [
  'https://evil.example',
  'https://other.door.example',
  'https://door.example.evil',
  'https://evildoor.example',
  'http://door.example',
  'https://door.example:8443',
  'https://DOOR.example',
  'https://door.example/',
  `${OWN}, https://evil.example`,
  'null',
  'file://',
  '',
];
const logout = (headers: Record<string, string>) =>
  http.send('/trpc/auth.logout', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' });

describe('a request passes', () => {
  it.each<[string, Record<string, string>]>([
    ['from our own origin', { origin: OWN }],
    ['from our own origin, as browsers say it', { origin: OWN, 'sec-fetch-site': 'same-origin' }],
    ['from an allowed origin', { origin: ALLOWED, 'sec-fetch-site': 'same-site' }],
    ['from no browser', {}],
    ['from our own page without an Origin', { 'sec-fetch-site': 'same-origin' }],
    ['typed into the address bar', { 'sec-fetch-site': 'none' }],
  ])('%s', async (_what, headers) => {
    expect((await logout(headers)).status).toBe(200);
    expect((await http.send('/trpc/auth.registration', { headers })).status).toBe(200);
    expect(http.events).toEqual([]);
  });
});

describe('a request is refused', () => {
  it.each<[string, Record<string, string>]>([
    ...FOREIGN.map((origin): [string, Record<string, string>] => [`from the origin "${origin}"`, { origin }]),
    ['from another origin that claims to be same-origin', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['without an Origin, cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['without an Origin, from a sibling', { 'sec-fetch-site': 'same-site' }],
    ['without an Origin, from who knows where', { 'sec-fetch-site': 'unheard-of' }],
    ['with an empty Sec-Fetch-Site', { 'sec-fetch-site': '' }],
  ])('%s, whether it changes something or not', async (_what, headers) => {
    for (const answer of [await logout(headers), await http.send('/trpc/auth.registration', { headers })]) {
      expect([answer.status, errorDataOf(answer).reason]).toEqual([403, 'forbidden-origin']);
      expect(answer.cookies).toEqual([]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    }
    expect(http.events.map(({ event }) => event)).toEqual([
      { event: 'malicious_csrf', path: '/auth.logout' },
      { event: 'malicious_csrf', path: '/auth.registration' },
    ]);
  });

  it('before its body is looked at', async () => {
    const headers = { origin: 'https://evil.example', 'content-type': 'multipart/form-data; boundary=x' };
    expect((await http.send('/trpc/auth.logout', { method: 'POST', headers, body: 'x'.repeat(20_000) })).status).toBe(403);
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    http.send('/trpc/auth.login', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' },
    });

  it.each([OWN, ALLOWED])('lets %s in, by name and with credentials', async (origin) => {
    const { status, headers } = await preflight(origin);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'content-type,authorization',
      'access-control-max-age': '600',
      vary: expect.stringContaining('Origin'),
    });
  });

  it.each(FOREIGN)('gives "%s" no header', async (origin) => {
    const { status, headers } = await preflight(origin);
    expect(status).toBe(403);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.vary).toContain('Origin');
  });

  it('lets an allowed page read refusals, how long to wait, and under which id', async () => {
    const { headers } = await http.call('auth.login', {}, { origin: ALLOWED });
    expect(headers['access-control-allow-origin']).toBe(ALLOWED);
    expect(headers['access-control-expose-headers']).toBe('Retry-After,X-Request-Id');
  });

  it('says that every answer varies by origin, to those without one, too', async () => {
    expect((await logout({})).headers.vary).toContain('Origin');
  });
});
