import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { EncryptJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../../support/any-text.ts';
import { at, MINUTE } from '../../../support/builders.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys, parseJwks } from '#adapters/outbound/crypto/jwt-keys.ts';
import type { SessionId, UserId } from '#domain/ids.ts';

const ISSUER = 'https://auth.example.com';
const whose = { userId: 'user-0123456789' as UserId, sessionId: 'session-0123456789' as SessionId };
const texts = await generateKeys();
const tokens = new JoseAccessTokens({ keys: await importJwtKeys(texts.jwtKeys), issuer: ISSUER, ttlMs: 15 * MINUTE });

const [jwk] = parseJwks(texts.jwtKeys);
const own = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
const ownPublic = createPublicKey(own);
const foreign = generateKeyPairSync('ed25519').privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;

const iat = at(0).getTime() / 1_000;
const HEADER = { alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid };
const CLAIMS = { iss: ISSUER, aud: ISSUER, sub: whose.userId, sid: whose.sessionId, jti: 'jti', iat, exp: iat + 900 };

type Sign = (input: Buffer) => Buffer;
const signedWith =
  (key: KeyObject): Sign =>
  (input) =>
    sign(null, input, key);
const unsigned: Sign = () => Buffer.alloc(0);
const hmac =
  (hash: string, key: string | Buffer): Sign =>
  (input) =>
    createHmac(hash, key).update(input).digest();

/** A token of these parts; text goes in as it is. */
function compact(header: object | string, claims: object | string, by: Sign = signedWith(own)): string {
  const [head, body] = [header, claims].map((part) =>
    Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${body}.${by(Buffer.from(`${head}.${body}`)).toString('base64url')}`;
}

const genuine = compact(HEADER, CLAIMS);
const [head = '', body = '', signature = ''] = genuine.split('.');
const x = Buffer.from(jwk.x, 'base64url');
const pem = ownPublic.export({ type: 'spki', format: 'pem' });
const foreignJwk = { ...createPublicKey(foreign).export({ format: 'jwk' }), kid: 'foreign' };

describe('a token with a header of its own making', () => {
  it('would pass if the header were ours', async () => {
    expect(await tokens.verify(genuine, at(0))).toEqual(whose);
  });

  it.each<[string, string]>([
    ['alg none, unsigned', compact({ ...HEADER, alg: 'none' }, CLAIMS, unsigned)],
    ['alg None, unsigned', compact({ ...HEADER, alg: 'None' }, CLAIMS, unsigned)],
    ['alg none, signed by us', compact({ ...HEADER, alg: 'none' }, CLAIMS)],
    ['no alg', compact({ ...HEADER, alg: undefined }, CLAIMS)],
    ['alg as a list', compact({ ...HEADER, alg: ['EdDSA'] }, CLAIMS)],
    ['alg twice, signed by a stranger', compact(`{"alg":"none",${JSON.stringify(HEADER).slice(1)}`, CLAIMS, signedWith(foreign))],
    ['alg in lower case', compact({ ...HEADER, alg: 'eddsa' }, CLAIMS)],
    ...(['sha256', 'sha384', 'sha512'] as const).flatMap((hash): [string, string][] => {
      const alg = `HS${hash.slice(3)}`;
      return [
        [`${alg} with our public key's bytes`, compact({ ...HEADER, alg }, CLAIMS, hmac(hash, x))],
        [`${alg} with our public key's text`, compact({ ...HEADER, alg }, CLAIMS, hmac(hash, jwk.x))],
        [`${alg} with our public key in PEM`, compact({ ...HEADER, alg }, CLAIMS, hmac(hash, pem))],
        [`${alg} with nothing`, compact({ ...HEADER, alg }, CLAIMS, hmac(hash, ''))],
      ];
    }),
    ['RS256', compact({ ...HEADER, alg: 'RS256' }, CLAIMS, (input) => sign('sha256', input, rsa))],
    ['the other name of our algorithm, signed by us', compact({ ...HEADER, alg: 'Ed25519' }, CLAIMS)],
    ['ES256, signed by us', compact({ ...HEADER, alg: 'ES256' }, CLAIMS)],
    ['a stranger’s signature under our key id', compact(HEADER, CLAIMS, signedWith(foreign))],
    ['a stranger’s key in jwk', compact({ ...HEADER, kid: 'foreign', jwk: foreignJwk }, CLAIMS, signedWith(foreign))],
    ['a stranger’s key in jwk under our key id', compact({ ...HEADER, jwk: foreignJwk }, CLAIMS, signedWith(foreign))],
    ['a stranger’s jku', compact({ ...HEADER, kid: 'foreign', jku: 'http://127.0.0.1:1/jwks.json' }, CLAIMS, signedWith(foreign))],
    ['a stranger’s x5u', compact({ ...HEADER, kid: 'foreign', x5u: 'http://127.0.0.1:1/cert.pem' }, CLAIMS, signedWith(foreign))],
    ['a key id out of the prototype', compact({ ...HEADER, kid: '__proto__' }, CLAIMS)],
    ['a key id that is no text', compact({ ...HEADER, kid: 1 }, CLAIMS)],
    ['an unknown crit', compact({ ...HEADER, crit: ['http://example.com/x'], 'http://example.com/x': true }, CLAIMS)],
    ['an empty crit', compact({ ...HEADER, crit: [] }, CLAIMS)],
    ['b64 off', compact({ ...HEADER, crit: ['b64'], b64: false }, CLAIMS)],
    ['no key id', compact({ ...HEADER, kid: undefined }, CLAIMS)],
    ['an unknown key id', compact({ ...HEADER, kid: 'other' }, CLAIMS)],
    ['no type', compact({ ...HEADER, typ: undefined }, CLAIMS)],
    ['the type of any JWT', compact({ ...HEADER, typ: 'JWT' }, CLAIMS)],
    ['the type of a refresh token', compact({ ...HEADER, typ: 'rt+jwt' }, CLAIMS)],
    ['a header that is a list', compact('[]', CLAIMS)],
    ['a header that is null', compact('null', CLAIMS)],
    ['a header that is no JSON', compact('{', CLAIMS)],
  ])('is refused: %s', async (_, token) => {
    expect(await tokens.verify(token, at(0))).toBeNull();
  });
});

describe('a token that was cut, bent or stretched', () => {
  it.each<[string, string]>([
    ['no signature', `${head}.${body}.`],
    ['two parts', `${head}.${body}`],
    ['one part', head],
    ['four parts', `${genuine}.${signature}`],
    ['five parts', `${genuine}.${signature}.${signature}`],
    ['dots alone', '..'],
    ['padding', `${genuine}=`],
    ['a line break behind', `${genuine}\n`],
    ['a space before', ` ${genuine}`],
    ['Bearer before', `Bearer ${genuine}`],
    ['a character outside base64url', `${head}.${body}.${signature.slice(0, -1)}!`],
    ['another spelling of the same signature', genuine.slice(0, -1) + next(genuine.at(-1) ?? '')],
    ['half a signature', `${head}.${body}.${signature.slice(0, 43)}`],
    ['another token’s claims', `${head}.${compact(HEADER, { ...CLAIMS, sub: 'other' }).split('.')[1]}.${signature}`],
    ['five megabytes', 'x'.repeat(5_000_000)],
    ['five megabytes of claims', compact(HEADER, { ...CLAIMS, more: 'x'.repeat(5_000_000) })],
    ['claims that are a list', compact(HEADER, '[]')],
    ['claims that are no JSON', compact(HEADER, '{')],
  ])('is refused: %s', async (_, token) => {
    expect(await tokens.verify(token, at(0))).toBeNull();
  });

  it('is refused when it is encrypted instead of signed', async () => {
    const secret = new Uint8Array(Buffer.from(jwk.d, 'base64url'));
    const encrypted = await new EncryptJWT(CLAIMS).setProtectedHeader({ ...HEADER, alg: 'dir', enc: 'A256GCM' }).encrypt(secret);
    expect(await tokens.verify(encrypted, at(0))).toBeNull();
  });

  it('is refused with any one bit of its signature or claims turned', async () => {
    const parts = [body, signature].map((part) => Buffer.from(part, 'base64url'));
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.nat(), fc.nat(7), async (which, position, bit) => {
        const [claims, mac] = parts.map((part) => Buffer.from(part));
        const part = which === 0 ? claims : mac;
        if (claims === undefined || mac === undefined || part === undefined) throw new Error('no parts');
        part[position % part.length] = (part[position % part.length] ?? 0) ^ (1 << bit);
        const token = `${head}.${claims.toString('base64url')}.${mac.toString('base64url')}`;
        expect(await tokens.verify(token, at(0))).toBeNull();
      }),
    );
  });

  it('is refused, never met with an error, whatever it is', async () => {
    const text = anyText();
    const header = fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'jwk', 'zip', 'enc'), fc.jsonValue());
    const part = fc.oneof(
      text,
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    );
    const strange = fc.oneof(
      text,
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
      header.map((change) => compact({ ...HEADER, nonsense: true, ...change }, CLAIMS, signedWith(foreign))),
      fc.jsonValue().map((claims) => compact(HEADER, JSON.stringify(claims))),
    );
    const refused = fc.asyncProperty(strange, async (token) => {
      expect(await tokens.verify(token, at(0))).toBeNull();
    });
    await fc.assert(refused, { numRuns: 500 });
  });
});

/** The next character of the alphabet: in the last place of a signature it stands for the same bytes. */
function next(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character) + 1] ?? '';
}
