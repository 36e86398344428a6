import { createHmac, randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { at, MINUTE, SECOND } from '../../../support/builders.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys, type JwtKeys, parseJwks } from '#adapters/outbound/crypto/jwt-keys.ts';
import type { SessionId, UserId } from '#domain/ids.ts';

const ISSUER = 'https://auth.example.com';
const whose = { userId: 'user-0123456789' as UserId, sessionId: 'session-012345' as SessionId };
const texts = (await generateKeys()).jwtKeys;
const strangersText = (await generateKeys()).jwtKeys;
const keys = await importJwtKeys(texts);
const tokens = over(keys);

function over(ring: JwtKeys, issuer = ISSUER): JoseAccessTokens {
  return new JoseAccessTokens({ keys: ring, issuer, ttlMs: 15 * MINUTE });
}

/** A token signed with our own key, right but for what is changed. */
function forged(change: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
  const iat = at(0).getTime() / 1000;
  const claims = { iss: ISSUER, aud: ISSUER, sub: whose.userId, sid: whose.sessionId, jti: 'j', iat, exp: iat + 900, ...change };
  const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(kept).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keys[0].id, ...header }).sign(keys[0].privateKey);
}

describe('access tokens', () => {
  it('hold what they must and nothing else, in less than a kilobyte', async () => {
    const { token, expiresInSeconds } = await tokens.issue({ ...whose, now: at(0) });
    expect(expiresInSeconds).toBe(900);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: keys[0].id });
    const claims = decodeJwt(token);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    expect(claims).toMatchObject({ iss: ISSUER, aud: ISSUER, sub: whose.userId, sid: whose.sessionId });
    expect(token.length).toBeLessThan(1_024);
  });

  it('tell whose they are until they run out, with five seconds for clocks that differ', async () => {
    const { token } = await tokens.issue({ ...whose, now: at(0) });
    expect(await tokens.verify(token, at(0))).toEqual(whose);
    expect(await tokens.verify(token, at(15 * MINUTE + 4 * SECOND))).toEqual(whose);
    expect(await tokens.verify(token, at(15 * MINUTE + 6 * SECOND))).toBeNull();
    expect(await tokens.verify(token, at(-6 * SECOND))).toBeNull();
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['no exp', { exp: undefined }],
    ['no sub', { sub: undefined }],
    ['no sid', { sid: undefined }],
    ['a sid that is no text', { sid: 7 }],
    ['no jti', { jti: undefined }],
    ['no iat', { iat: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'https://other.example' }],
    ['an iat of long ago', { iat: at(-60 * MINUTE).getTime() / 1000 }],
    ['an iat to come', { iat: at(60 * MINUTE).getTime() / 1000 }],
    ['another type', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['an unknown key id', {}, { kid: 'other' }],
    ['no key id', {}, { kid: undefined }],
  ])('are refused with %s', async (_, change, header) => {
    expect(await tokens.verify(await forged({}), at(0))).toEqual(whose);
    expect(await tokens.verify(await forged(change, header), at(0))).toBeNull();
  });

  it('are refused with any other algorithm, also when our public key plays the secret', async () => {
    const [head = '', body = '', signature = ''] = (await forged({})).split('.');
    const withHeader = (header: object, sign: (input: string) => string) => {
      const start = `${Buffer.from(JSON.stringify({ typ: 'at+jwt', kid: keys[0].id, ...header })).toString('base64url')}.${body}`;
      return `${start}.${sign(start)}`;
    };
    const hmac = (input: string) => createHmac('sha256', String(keys[0].publicJwk.x)).update(input).digest('base64url');
    const rsa = await generateKeyPair('RS256');
    const others = [
      withHeader({ alg: 'none' }, () => ''),
      withHeader({ alg: 'HS256' }, hmac),
      await new SignJWT(decodeJwt(`${head}.${body}.${signature}`))
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: keys[0].id })
        .sign(rsa.privateKey),
      `${head}.${body}.`,
      `${head}.${body}.${signature}.x.y`,
      `${head}.${body}.${signature.slice(0, 10)}A${signature.slice(11)}`,
      '',
      'x',
      'x'.repeat(5_000_000),
    ];
    for (const token of others) expect(await tokens.verify(token, at(0))).toBeNull();
  });

  it('are verified by every key of the ring and signed with the first; a dropped key ends its tokens', async () => {
    const fresh = await importJwtKeys((await generateKeys()).jwtKeys);
    const rotated = over([fresh[0], ...keys]);
    const old = (await tokens.issue({ ...whose, now: at(0) })).token;
    expect(await rotated.verify(old, at(0))).toEqual(whose);
    const young = (await rotated.issue({ ...whose, now: at(0) })).token;
    expect(decodeProtectedHeader(young).kid).toBe(fresh[0].id);
    expect(await over(fresh).verify(old, at(0))).toBeNull();
  });

  it('publish no private part of a key', () => {
    for (const { publicJwk } of keys) expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe('JWT keys', () => {
  const set = (jwks: unknown) => Buffer.from(JSON.stringify({ keys: jwks })).toString('base64url');
  const [jwk] = parseJwks(texts);
  const [stranger] = parseJwks(strangersText);
  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', Buffer.from('nonsense').toString('base64url')],
    ['no keys', set([])],
    ['a public key', set([{ ...jwk, d: undefined }])],
    ['a short key', set([{ ...jwk, d: randomBytes(16).toString('base64url') }])],
    ['another curve', set([{ ...jwk, crv: 'P-256' }])],
    ['no key id', set([{ ...jwk, kid: undefined }])],
    ['a public part of another key', set([{ ...jwk, x: stranger.x }])],
    ['an id that no header bears', set([{ ...jwk, kid: 'line\nbreak' }])],
    ['one id twice', set([jwk, jwk])],
    ['one good and one bad', set([jwk, { kty: 'oct' }])],
  ])('are refused with %s, without showing one', (_, text) => {
    expect(() => parseJwks(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(jwk.d) as unknown }));
  });
});
