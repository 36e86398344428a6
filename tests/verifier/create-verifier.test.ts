import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { claims, ISSUER, type KeyServer, makeKey, mint, openKeyServer, type SigningKey } from './support.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys } from '#adapters/outbound/crypto/jwt-keys.ts';
import type { SessionId, UserId } from '#domain/ids.ts';
import { createVerifier, type Verifier } from '#verifier/entry.ts';

let key: SigningKey;
let keyServer: KeyServer;
let verifier: Verifier;

beforeAll(async () => {
  key = await makeKey('first');
});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2030-01-01T00:00:00Z') });
  keyServer = await openKeyServer();
  keyServer.serve([key]);
  verifier = createVerifier({ issuer: ISSUER, jwksUrl: keyServer.url });
});

afterEach(async () => {
  await keyServer.close();
  vi.useRealTimers();
});

const refused = (problem: 'missing' | 'expired' | 'invalid') => ({ ok: false, error: { code: 'unauthenticated', problem } });
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('a genuine token', () => {
  it('tells whose it is, its session, its id and its end', async () => {
    const expiresAt = new Date('2030-01-01T00:15:00Z');
    expect(await verifier.verify(await mint(key))).toEqual({
      ok: true,
      value: { userId: 'user-1', sessionId: 'session-1', tokenId: 'token-1', expiresAt },
    });
  });

  it('is what Sallyport issues', async () => {
    const keys = await importJwtKeys((await generateKeys()).jwtKeys);
    keyServer.serve((response) => response.end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) })));
    const accessTokens = new JoseAccessTokens({ keys, issuer: ISSUER, ttlMs: 900_000 });
    const { token } = await accessTokens.issue({ userId: 'u' as UserId, sessionId: 's' as SessionId, now: new Date() });
    expect(await verifier.verify(token)).toMatchObject({ ok: true, value: { userId: 'u', sessionId: 's' } });
  });

  it('is for the audience that was named', async () => {
    const other = createVerifier({ issuer: ISSUER, audience: 'https://api.example.com', jwksUrl: keyServer.url });
    expect((await other.verify(await mint(key, { aud: 'https://api.example.com' }))).ok).toBe(true);
    expect(await other.verify(await mint(key))).toEqual(refused('invalid'));
  });

  it('is good until 5 s after its end, and 5 s before its beginning', async () => {
    const now = Date.now() / 1000;
    expect((await verifier.verify(await mint(key, { exp: now - 4 }))).ok).toBe(true);
    expect(await verifier.verify(await mint(key, { exp: now - 5 }))).toEqual(refused('expired'));
    expect((await verifier.verify(await mint(key, { iat: now + 5 }))).ok).toBe(true);
    expect(await verifier.verify(await mint(key, { iat: now + 6 }))).toEqual(refused('invalid'));
  });
});

describe('refused', () => {
  it.each(['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'])('without %s', async (claim) => {
    expect(await verifier.verify(await mint(key, { [claim]: undefined }))).toEqual(refused('invalid'));
  });

  it.each([
    ['another issuer', { iss: 'https://other.example.com' }],
    ['another audience', { aud: 'https://other.example.com' }],
    ['a user that is no text', { sub: { id: 1 } }],
    ['a session that is no text', { sid: 7 }],
    ['an id that is no text', { jti: ['a'] }],
    ['an end that is no number', { exp: 'never' }],
  ])('with %s', async (_, changes) => {
    expect(await verifier.verify(await mint(key, changes))).toEqual(refused('invalid'));
  });

  it.each([
    ['of another type', { typ: 'JWT' }],
    ['of no type', { typ: undefined }],
    ['with a critical extension', { crit: ['urn:unheard-of'], 'urn:unheard-of': 1 }],
  ])('%s', async (_, header) => {
    expect(await verifier.verify(await mint(key, {}, header))).toEqual(refused('invalid'));
  });

  it('when there is none', async () => {
    expect(await verifier.verify(null)).toEqual(refused('missing'));
  });

  it.each(['', '.', '..', 'a.b', 'a.b.c', 'x'.repeat(3000), '\u0000.\u0000.\u0000', 'e30.e30.'])('what is no token: %j', async (text) => {
    expect(await verifier.verify(text)).toEqual(refused('invalid'));
  });

  it('with any part changed', async () => {
    const parts = (await mint(key)).split('.');
    for (const index of parts.keys()) {
      const changed = parts.map((part, i) => (i === index ? `${part.slice(0, 4)}${part[4] === 'A' ? 'B' : 'A'}${part.slice(5)}` : part));
      expect(await verifier.verify(changed.join('.'))).toEqual(refused('invalid'));
    }
  });

  it('that is longer than any genuine one', async () => {
    expect(await verifier.verify(await mint(key, { padding: 'x'.repeat(2000) }))).toEqual(refused('invalid'));
  });

  it('signed by another key of the same name', async () => {
    expect(await verifier.verify(await mint(await makeKey('first')))).toEqual(refused('invalid'));
  });

  it('unsigned', async () => {
    const [, payload] = (await mint(key)).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    expect(await verifier.verify(`${header}.${payload}.`)).toEqual(refused('invalid'));
  });

  it('signed with the public key as a shared secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(key.publicJwk));
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ ...claims, iat: now, exp: now + 900 })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'first' })
      .sign(secret);
    expect(await verifier.verify(token)).toEqual(refused('invalid'));
  });

  it('signed with another algorithm, even by a published key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const ec = { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: 'ec' } };
    keyServer.serve([key, ec]);
    expect(await verifier.verify(await mint(ec, {}, { alg: 'ES256' }))).toEqual(refused('invalid'));
  });
});

describe('the keys', () => {
  it('are fetched once for any number of tokens', async () => {
    const token = await mint(key);
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    expect(keyServer.asked()).toBe(1);
  });

  it('are not fetched for what has another algorithm or is missing', async () => {
    await verifier.verify(null);
    await verifier.verify('a.b.c');
    expect(keyServer.asked()).toBe(0);
  });

  it('are fetched again for an unknown one, at most every 30 s', async () => {
    await verifier.verify(await mint(key));
    const second = await makeKey('second');
    keyServer.serve([key, second]);
    expect(await verifier.verify(await mint(second))).toEqual(refused('invalid'));
    later(30_000);
    expect((await verifier.verify(await mint(second))).ok).toBe(true);
    expect(keyServer.asked()).toBe(2);
  });

  it('are believed for 15 min, then a dropped one is refused', async () => {
    await verifier.verify(await mint(key));
    keyServer.serve([await makeKey('second')]);
    later(15 * 60_000 - 1);
    expect((await verifier.verify(await mint(key))).ok).toBe(true);
    later(1);
    expect(await verifier.verify(await mint(key))).toEqual(refused('invalid'));
  });

  it.each<[string, Parameters<KeyServer['serve']>[0]]>([
    ['a refused connection', (response) => response.destroy()],
    ['an error', (response) => response.writeHead(500).end()],
    ['a redirect', (response) => response.writeHead(302, { location: 'https://elsewhere.example.com' }).end()],
    ['a page', (response) => response.end('<h1>Hello</h1>')],
    ['another JSON', (response) => response.end('{"keys":"none"}')],
  ])('cannot be had: %s says nothing of the token', async (_, answer) => {
    keyServer.serve(answer);
    expect(await verifier.verify(await mint(key))).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    keyServer.serve([key]);
    expect((await verifier.verify(await mint(key))).ok).toBe(true);
  });

  it('cannot be had when they do not come within 3 s', async () => {
    keyServer.serve(() => undefined);
    const began = performance.now();
    expect(await verifier.verify(await mint(key))).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(performance.now() - began).toBeLessThan(4500);
  });

  it('are where the issuer publishes them, unless told otherwise', async () => {
    const { origin } = new URL(keyServer.url);
    const paths: (string | undefined)[] = [];
    keyServer.serve((response) => {
      paths.push(response.req.url);
      response.end(JSON.stringify({ keys: [key.publicJwk] }));
    });
    const token = await mint(key, { iss: origin, aud: origin });
    expect((await createVerifier({ issuer: origin }).verify(token)).ok).toBe(true);
    expect(paths).toEqual(['/.well-known/jwks.json']);
  });
});
