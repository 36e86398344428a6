import { afterEach, describe, expect, it } from 'vitest';
import { type Http, openHttp } from '../../../support/http.ts';

let http: Http;
afterEach(() => http.close());

type Overrides = NonNullable<Parameters<typeof openHttp>[0]>;
const ok = () => 'ok' as const;

async function ready(overrides: Overrides) {
  http = await openHttp(overrides);
  const began = performance.now();
  const { status, body } = await http.send('/readyz');
  return { status, body: JSON.parse(body) as unknown, ms: performance.now() - began };
}

describe('/healthz', () => {
  it('says that the process lives, also while it stops and whatever is down', async () => {
    http = await openHttp({ isStopping: () => true, checks: { persistence: () => 'down', limiter: () => 'down', mail: () => 'down' } });
    const { status, body } = await http.send('/healthz');
    expect([status, body]).toEqual([200, '{"status":"ok"}']);
  });
});

describe('/readyz', () => {
  it('is 200 when everything is well', async () => {
    expect(await ready({})).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { persistence: 'ok', limiter: 'ok', mail: 'ok' } },
    });
  });

  it('is 200 and degraded without limiter or mail, for people can still sign in', async () => {
    expect(await ready({ checks: { persistence: ok, limiter: () => 'degraded', mail: () => 'down' } })).toMatchObject({
      status: 200,
      body: { status: 'degraded', checks: { persistence: 'ok', limiter: 'degraded', mail: 'down' } },
    });
  });

  it('is 503 without persistence', async () => {
    expect(await ready({ checks: { persistence: () => 'down', limiter: ok, mail: ok } })).toMatchObject({
      status: 503,
      body: { status: 'down', checks: { persistence: 'down', limiter: 'ok', mail: 'ok' } },
    });
  });

  it('is 503 while the service stops, so that a balancer looks elsewhere', async () => {
    expect(await ready({ isStopping: () => true })).toMatchObject({ status: 503, body: { status: 'down', checks: { persistence: 'ok' } } });
  });

  it.each<[string, () => Promise<'ok'>]>([
    ['rejects', () => Promise.reject(new Error('mongodb://canary'))],
    [
      'throws at once',
      () => {
        throw new Error('mongodb://canary');
      },
    ],
  ])('calls what %s down, and tells no more', async (_how, persistence) => {
    expect((await ready({ checks: { persistence, limiter: ok, mail: ok } })).body).toEqual({
      status: 'down',
      checks: { persistence: 'down', limiter: 'ok', mail: 'ok' },
    });
  });

  it('waits a second for what never answers, for all at once', async () => {
    const never = () => new Promise<never>(() => {});
    const { status, ms } = await ready({ checks: { persistence: never, limiter: never, mail: never } });
    expect(status).toBe(503);
    expect(ms).toBeLessThan(1_800);
  });
});

describe('/.well-known/jwks.json', () => {
  const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'one', x: 'abc' }] };

  it('gives the public keys to everybody, to be kept for a while', async () => {
    http = await openHttp({ jwks });
    const { status, headers, body } = await http.send('/.well-known/jwks.json', { headers: { origin: 'https://elsewhere.example' } });
    expect([status, JSON.parse(body)]).toEqual([200, jwks]);
    expect(headers).toMatchObject({ 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });
});
