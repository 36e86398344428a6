import type { CanonicalEmail } from '#domain/email-address.ts';
import type { RegistrationId, SecretHash, SessionId } from '#domain/ids.ts';
import type { LinkSecret } from '#domain/registration.ts';

/** Mailed links: `<id>.<secret>`, the secret derived from a key, the purpose, the id and a nonce. */
export interface LinkTokens {
  /** A fresh secret for a registration, as it is kept. */
  create(id: RegistrationId): LinkSecret;
  /** The token to mail: the same every time. `null` when its key is no longer there. */
  seal(id: RegistrationId, link: LinkSecret): string | null;
  /** What a token claims, to be compared with what is kept; `null` for anything that is not of the form. */
  open(token: string): { readonly registrationId: RegistrationId; readonly secretHash: SecretHash } | null;
}

export interface RefreshToken {
  readonly sessionId: SessionId;
  readonly generation: number;
}

/** Refresh tokens: `<session id>.<generation>.<HMAC>`. */
export interface RefreshTokens {
  seal(token: RefreshToken): string;
  /** `null` unless one of our keys made it. */
  open(token: string): RefreshToken | null;
}

/** The secret in the `registration` cookie: random, 256 bits. */
export interface BrowserSecrets {
  create(): { readonly secret: string; readonly hash: SecretHash };
  /** The hash under which it is kept; `null` for anything that is not of the form. */
  hash(secret: string): SecretHash | null;
}

/** The `device` cookie: a browser that has signed in to this address before. */
export interface DeviceTokens {
  seal(device: { email: CanonicalEmail; deviceId: string; expiresAt: Date }): string;
  /** The device's id; `null` unless one of our keys made it, for this address, and it lives at `now`. */
  open(token: string, email: CanonicalEmail, now: Date): string | null;
}

/** Makes and opens every opaque token. All but browser secrets are derived: the first key makes, all keys check. */
export interface TokenMint {
  readonly links: LinkTokens;
  readonly refresh: RefreshTokens;
  readonly browsers: BrowserSecrets;
  readonly devices: DeviceTokens;
}
