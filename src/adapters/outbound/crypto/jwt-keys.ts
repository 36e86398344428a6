import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from 'jose';

/** The one algorithm. A key of another kind does not come in, and a token of another never gets to a key. */
export const JWT_ALGORITHM = 'EdDSA';

export interface JwtKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** As other services may see it. */
  readonly publicJwk: JWK;
}

export type JwtKeys = readonly [JwtKey, ...JwtKey[]];

interface Ed25519Jwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
  readonly kid: string;
}

const FORM = 'must be the base64url of a JWK set with Ed25519 private keys, each with a kid; `npm run keys` prints one';

/** Reads the base64url of a JWK set (RFC 7517, RFC 8037). Throws an Error that says what is wrong and never shows a key. */
export function parseJwks(text: string): readonly [Ed25519Jwk, ...Ed25519Jwk[]] {
  const [first, ...rest] = keysIn(text).filter(isEd25519);
  if (first === undefined || keysIn(text).length !== rest.length + 1) throw new Error(FORM);
  if (new Set([first, ...rest].map(({ kid }) => kid)).size !== rest.length + 1) throw new Error('must not name two keys alike');
  return [first, ...rest];
}

/** The keys, ready for use. Throws as parseJwks does. */
export async function importJwtKeys(text: string): Promise<JwtKeys> {
  const [first, ...rest] = parseJwks(text);
  return [await importKey(first), ...(await Promise.all(rest.map(importKey)))];
}

export function thumbprint(jwk: JWK): Promise<string> {
  return calculateJwkThumbprint(jwk);
}

async function importKey({ kty, crv, x, d, kid }: Ed25519Jwk): Promise<JwtKey> {
  const publicJwk = { kty, crv, x, kid, alg: JWT_ALGORITHM, use: 'sig' };
  return {
    id: kid,
    privateKey: await toCryptoKey({ kty, crv, x, d }),
    publicKey: await toCryptoKey({ kty, crv, x }),
    publicJwk,
  };
}

async function toCryptoKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, JWT_ALGORITHM).catch(() => {
    throw new Error(FORM);
  });
  if (key instanceof Uint8Array) throw new Error(FORM);
  return key;
}

function keysIn(text: string): unknown[] {
  try {
    const set: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : null;
    return Array.isArray(keys) ? keys : [];
  } catch {
    return [];
  }
}

function isEd25519(key: unknown): key is Ed25519Jwk {
  if (typeof key !== 'object' || key === null) return false;
  const { kty, crv, x, d, kid }: Record<string, unknown> = { ...key };
  const isNamed = typeof kid === 'string' && /^[\w.-]{1,64}$/.test(kid);
  return kty === 'OKP' && crv === 'Ed25519' && isNamed && typeof x === 'string' && typeof d === 'string' && isPair(x, d);
}

/** A public part of another key would be published, and every token signed here refused. */
function isPair(x: string, d: string): boolean {
  try {
    const privateKey = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' });
    return createPublicKey(privateKey).export({ format: 'jwk' }).x === x;
  } catch {
    return false;
  }
}
