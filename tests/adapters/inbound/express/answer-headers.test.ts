import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Http, inboundUseCases, openHttp, type Sent } from '../../../support/http.ts';
import { openDoor } from '../../../support/door.ts';
import { PASSWORD } from '../../../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';
import type { GetProfile } from '#application/use-cases/get-profile.ts';
import type { GetRegistration } from '#application/use-cases/get-registration.ts';

let http: Http;
beforeAll(async () => {
  const door = openDoor({ limits: { register: { points: 0, windowMs: 60_000 } } });
  const getProfile: Pick<GetProfile, 'execute'> = { execute: () => Promise.reject(new Unavailable('gone')) };
  const getRegistration: Pick<GetRegistration, 'execute'> = { execute: () => Promise.reject(new Error('a bug')) };
  http = await openHttp({
    useCases: { ...inboundUseCases(door), getProfile: getProfile as GetProfile, getRegistration: getRegistration as GetRegistration },
    inbox: { list: () => [] },
    checks: { persistence: () => 'down', limiter: () => 'ok', mail: () => 'ok' },
  });
});
afterAll(() => http.close());

const json = { 'content-type': 'application/json' };
const post = (body: string, headers = {}): Sent => ({ method: 'POST', headers: { ...json, ...headers }, body });
const sentTo: [number, string, Sent][] = [
  [200, '/trpc/auth.logout', post('{}')],
  [204, '/trpc/auth.logout', { method: 'OPTIONS', headers: { origin: 'https://door.example' } }],
  [400, '/trpc/auth.login', post('{')],
  [400, '/trpc/auth.login', post('{"email":1}')],
  [400, '/trpc/auth.logout?batch=1', post('{}')],
  [401, '/trpc/auth.refresh', post('{}')],
  [403, '/trpc/auth.logout', post('{}', { origin: 'null' })],
  [404, '/trpc/nowhere', {}],
  [405, '/trpc/auth.logout', {}],
  [405, '/trpc/auth.logout', { method: 'HEAD' }],
  [405, '/trpc/auth.logout', { method: 'DELETE' }],
  [413, '/trpc/auth.logout', post('x'.repeat(20_000))],
  [415, '/trpc/auth.logout', post('{}', { 'content-type': 'text/plain' })],
  [429, '/trpc/auth.register', post(JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: PASSWORD }))],
  [500, '/trpc/auth.registration', {}],
  [503, '/trpc/auth.me', {}],
  [200, '/healthz', {}],
  [503, '/readyz', {}],
  [200, '/.well-known/jwks.json', {}],
  [404, '/nowhere', {}],
  [404, '/', { method: 'POST' }],
  [405, '/healthz', { method: 'TRACE' }],
  [200, '/dev/inbox', { headers: { host: 'localhost' } }],
  [200, '/dev/inbox.json', { headers: { host: 'localhost' } }],
  [404, '/dev/inbox', { headers: { host: 'evil.example' } }],
];

/** The directives of a policy: `default-src` to `'none'`. */
function policyOf({ headers }: Answer): Record<string, string> {
  const parts = String(headers['content-security-policy']).split(';');
  return Object.fromEntries(parts.map((part) => part.trim().split(/ (.*)/s, 2) as [string, string]));
}

describe.each(sentTo)('an answer %i of %s', (status, path, sent) => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await http.send(path, sent);
  });

  it('is what it is meant to be', () => {
    expect(answer.status).toBe(status);
  });

  it('lets a browser load, run, frame and send nothing it need not', () => {
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
    });
    expect(policyOf(answer)).toMatchObject({
      'default-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(answer.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('asks for https for a year at least', () => {
    const [, maxAge] = /^max-age=(\d+); includeSubDomains$/.exec(String(answer.headers['strict-transport-security'])) ?? [];
    expect(Number(maxAge)).toBeGreaterThanOrEqual(31_536_000);
  });

  it('carries an id of our own, and no word of what we are made of', () => {
    expect(answer.headers['x-request-id']).toMatch(/^[\w-]{20,}$/);
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(answer.headers.server).toBeUndefined();
    expect(answer.headers.etag).toBeUndefined();
  });

  it('is kept by nobody, the public keys excepted', () => {
    expect(answer.headers['cache-control']).toBe(path === '/.well-known/jwks.json' ? 'public, max-age=300' : 'no-store');
  });
});

describe('the id of a request', () => {
  it('is never the caller’s', async () => {
    const { headers } = await http.send('/healthz', { headers: { 'x-request-id': 'forged' } });
    expect(headers['x-request-id']).not.toContain('forged');
  });

  it('is new each time', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await http.send('/healthz')).headers['x-request-id']));
    expect(new Set(ids).size).toBe(3);
  });
});
