import { createHmac } from 'node:crypto';

/** A key that tokens are derived with. The first of a ring makes, all check. */
export interface TokenKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

export type TokenKeys = readonly [TokenKey, ...TokenKey[]];

export const TOKEN_KEY_BYTES = 32;

const FORM = `must be id:key pairs, comma-separated, each key ${TOKEN_KEY_BYTES} bytes in base64url; \`npm run keys\` prints one`;

/** Reads `id:base64url,...`. Throws an Error that says what is wrong and never shows a key. */
export function parseTokenKeys(text: string): TokenKeys {
  const [first, ...rest] = text.split(',').map(parseTokenKey);
  if (first === undefined) throw new Error(FORM);
  const keys: TokenKeys = [first, ...rest];
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('must not name two keys alike');
  if (new Set(keys.map(({ key }) => key.toString('hex'))).size < keys.length) throw new Error('must not hold the same key twice');
  return keys;
}

function parseTokenKey(text: string): TokenKey {
  const [, id, encoded] = /^([\w-]{1,32}):([\w-]{43})$/.exec(text.trim()) ?? [];
  const key = Buffer.from(encoded ?? '', 'base64url');
  if (id === undefined || key.length !== TOKEN_KEY_BYTES) throw new Error(FORM);
  // What an example or a careless hand would hold: one byte again and again.
  if (new Set(key).size < 8) throw new Error('must not be a known or made-up key; `npm run keys` prints a random one');
  return { id, key };
}

/**
 * HMAC-SHA-256 over a purpose and its parts, base64url. Each part goes in with its length before it,
 * so that no two lists of parts are the same bytes and no token of one purpose passes for another's.
 */
export function derive({ key }: TokenKey, purpose: string, ...parts: readonly string[]): string {
  const hmac = createHmac('sha256', key);
  for (const part of [purpose, ...parts]) hmac.update(`${Buffer.byteLength(part)}:${part},`);
  return hmac.digest('base64url');
}
