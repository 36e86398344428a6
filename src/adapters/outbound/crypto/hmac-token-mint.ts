import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { derive, type TokenKey, type TokenKeys } from './token-keys.ts';
import type { BrowserSecrets, DeviceTokens, LinkTokens, RefreshToken, RefreshTokens, TokenMint } from '#application/ports/token-mint.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { RegistrationId, SecretHash, SessionId } from '#domain/ids.ts';
import type { LinkSecret } from '#domain/registration.ts';

const ID = '[\\w-]{16,64}';
/** 256 bits in base64url. Its last character carries four bits only, so others would decode to the same bytes: strings are compared, not bytes. */
const SECRET = '[\\w-]{43}';
const LINK = new RegExp(`^(${ID})\\.(${SECRET})$`);
const REFRESH = new RegExp(`^(${ID})\\.([1-9]\\d{0,14})\\.(${SECRET})$`);
const DEVICE = new RegExp(`^(${ID})\\.([1-9]\\d{0,11})\\.(${SECRET})$`);
const BROWSER = new RegExp(`^${SECRET}$`);
const LONGEST = 200;

/** Makes and opens every opaque token with a ring of keys: the first makes, all check. */
export class HmacTokenMint implements TokenMint {
  readonly links: LinkTokens;
  readonly refresh: RefreshTokens;
  readonly browsers: BrowserSecrets;
  readonly devices: DeviceTokens;

  constructor(keys: TokenKeys) {
    this.links = linkTokens(keys);
    this.refresh = refreshTokens(keys);
    this.browsers = browserSecrets;
    this.devices = deviceTokens(keys);
  }
}

function linkTokens(keys: TokenKeys): LinkTokens {
  const secretOf = (key: TokenKey, id: RegistrationId, nonce: string) => derive(key, 'confirm-link', id, nonce);
  return {
    create: (id): LinkSecret => {
      const [key] = keys;
      const nonce = randomBytes(16).toString('base64url');
      return { keyId: key.id, nonce, secretHash: hashOf(secretOf(key, id, nonce)) };
    },
    seal: (id, { keyId, nonce }) => {
      const key = keys.find((each) => each.id === keyId);
      return key === undefined ? null : `${id}.${secretOf(key, id, nonce)}`;
    },
    open: (token) => {
      const [, id, secret] = match(LINK, token);
      return id === undefined || secret === undefined ? null : { registrationId: id as RegistrationId, secretHash: hashOf(secret) };
    },
  };
}

function refreshTokens(keys: TokenKeys): RefreshTokens {
  const macOf = (key: TokenKey, sessionId: string, generation: string) => derive(key, 'refresh', sessionId, generation);
  return {
    seal: ({ sessionId, generation }) => `${sessionId}.${generation}.${macOf(keys[0], sessionId, String(generation))}`,
    open: (token): RefreshToken | null => {
      const [, sessionId, generation, mac] = match(REFRESH, token);
      if (sessionId === undefined || generation === undefined || mac === undefined) return null;
      const genuine = keys.some((key) => isSame(macOf(key, sessionId, generation), mac));
      return genuine ? { sessionId: sessionId as SessionId, generation: Number(generation) } : null;
    },
  };
}

const browserSecrets: BrowserSecrets = {
  create: () => {
    const secret = randomBytes(32).toString('base64url');
    return { secret, hash: hashOf(secret) };
  },
  hash: (secret) => (match(BROWSER, secret).length === 0 ? null : hashOf(secret)),
};

/** The end of its life is part of the token: the cookie's own is the browser's word only. */
function deviceTokens(keys: TokenKeys): DeviceTokens {
  const macOf = (key: TokenKey, email: CanonicalEmail, deviceId: string, expires: string) =>
    derive(key, 'device', email, deviceId, expires);
  return {
    seal: ({ email, deviceId, expiresAt }) => {
      const expires = String(Math.floor(expiresAt.getTime() / 1000));
      return `${deviceId}.${expires}.${macOf(keys[0], email, deviceId, expires)}`;
    },
    open: (token, email, now) => {
      const [, deviceId, expires, mac] = match(DEVICE, token);
      if (deviceId === undefined || expires === undefined || mac === undefined || Number(expires) * 1000 <= now.getTime()) return null;
      return keys.some((key) => isSame(macOf(key, email, deviceId, expires), mac)) ? deviceId : null;
    },
  };
}

function match(form: RegExp, token: string): readonly string[] {
  return token.length > LONGEST ? [] : (form.exec(token) ?? []);
}

function hashOf(secret: string): SecretHash {
  return createHash('sha256').update(secret).digest('base64url') as SecretHash;
}

function isSame(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
