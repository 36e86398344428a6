import { randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { anEmail, at, DAY, MINUTE, SECOND } from '../../../support/builders.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { HmacTokenMint } from '#adapters/outbound/crypto/hmac-token-mint.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys, type JwtKeys, parseJwks } from '#adapters/outbound/crypto/jwt-keys.ts';
import { parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';
import type { RegistrationId, SessionId, UserId } from '#domain/ids.ts';

const ISSUER = 'https://auth.example.com';
const NOW = at(0).getTime() / 1_000;
const whose = { userId: 'user-0123456789' as UserId, sessionId: 'session-012345' as SessionId };
const texts = await generateKeys();
const strangersText = (await generateKeys()).jwtKeys;
const keys = await importJwtKeys(texts.jwtKeys);
const tokens = over(keys);

function over(ring: JwtKeys, issuer = ISSUER): JoseAccessTokens {
  return new JoseAccessTokens({ keys: ring, issuer, ttlMs: 15 * MINUTE });
}

/** A token signed with our own key, right but for what is changed. */
function forged(change: Record<string, unknown>): Promise<string> {
  const claims = { iss: ISSUER, aud: ISSUER, sub: whose.userId, sid: whose.sessionId, jti: 'j', iat: NOW, exp: NOW + 900, ...change };
  const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(kept).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keys[0].id }).sign(keys[0].privateKey);
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
    expect(await tokens.verify(token, at(15 * MINUTE + 5 * SECOND))).toBeNull();
    expect(await tokens.verify(token, at(-5 * SECOND))).toEqual(whose);
    expect(await tokens.verify(token, at(-6 * SECOND))).toBeNull();
  });

  it.each(['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'])('are refused without %s', async (claim) => {
    expect(await tokens.verify(await forged({}), at(0))).toEqual(whose);
    expect(await tokens.verify(await forged({ [claim]: undefined }), at(0))).toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['an issuer with a slash more', { iss: `${ISSUER}/` }],
    ['an issuer as a list', { iss: [ISSUER] }],
    ['another audience', { aud: 'https://other.example' }],
    ['audiences of others only', { aud: ['https://a.example', 'https://b.example'] }],
    ['an audience that begins like ours', { aud: `${ISSUER}.evil.example` }],
    ['a sub that is no text', { sub: { $ne: null } }],
    ['a sid that is no text', { sid: { $ne: null } }],
    ['an exp that is text', { exp: String(NOW + 900) }],
    ['an iat that is text', { iat: String(NOW) }],
    ['an end behind us', { exp: NOW - 6 }],
    ['an iat to come', { iat: NOW + 3_600, exp: NOW + 4_500 }],
    ['a longer life than ours', { iat: NOW - 3_600, exp: NOW + 86_400 }],
    ['a beginning to come', { nbf: NOW + 60 }],
  ])('are refused with %s, though we signed them', async (_, change) => {
    expect(await tokens.verify(await forged(change), at(0))).toBeNull();
  });

  it('pass for no token of another kind, and none of these for them', async () => {
    const mint = new HmacTokenMint(parseTokenKeys(texts.tokenKeys));
    const { canonical } = anEmail();
    const registrationId = 'registration-0123456' as RegistrationId;
    const others = [
      mint.links.seal(registrationId, mint.links.create(registrationId)) ?? '',
      mint.refresh.seal({ sessionId: whose.sessionId, generation: 1 }),
      mint.devices.seal({ email: canonical, deviceId: 'device-0123456789', expiresAt: at(DAY) }),
      mint.browsers.create().secret,
    ];
    for (const other of others) expect(await tokens.verify(other, at(0))).toBeNull();

    const { token } = await tokens.issue({ ...whose, now: at(0) });
    const opened = [
      mint.links.open(token),
      mint.refresh.open(token),
      mint.devices.open(token, canonical, at(0)),
      mint.browsers.hash(token),
    ];
    expect(opened).toEqual([null, null, null, null]);
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
  const [jwk] = parseJwks(texts.jwtKeys);
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
