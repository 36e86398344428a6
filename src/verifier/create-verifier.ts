import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { err, ok, type Result } from '#domain/result.ts';

export interface VerifierOptions {
  /** Sallyport's PUBLIC_URL, as tokens name it. */
  readonly issuer: string;
  /** The same, unless tokens are made for somebody else. */
  readonly audience?: string;
  /** `/.well-known/jwks.json` of the issuer by default. */
  readonly jwksUrl?: string;
}

/** What a genuine access token says. */
export interface VerifiedAccess {
  readonly userId: string;
  readonly sessionId: string;
  readonly tokenId: string;
  readonly expiresAt: Date;
}

/** `unauthenticated`: ask for another token. `unavailable`: the keys cannot be had, so nothing can be said of any token. */
export type AccessRefusal =
  | { readonly code: 'unauthenticated'; readonly problem: 'missing' | 'expired' | 'invalid' }
  | { readonly code: 'unavailable'; readonly cause: unknown };

export interface Verifier {
  /** Whose an access token is; `null` is answered as `missing`. Never rejects for what a caller sends. */
  verify(token: string | null): Promise<Result<VerifiedAccess, AccessRefusal>>;
}

// One algorithm: what a token says of itself decides nothing (RFC 8725, 3.1).
const ALGORITHM = 'EdDSA';
const TOLERANCE_SECONDS = 5;
const LONGEST = 2_048;
const KEYS_TIMEOUT_MS = 3_000;
/** An unknown key id has the keys fetched again, but no more often than this. */
const KEYS_COOLDOWN_MS = 30_000;
/** As long as an access token lives by default: a key taken out of service is believed no longer than that. */
const KEYS_MAX_AGE_MS = 15 * 60_000;

class KeysUnavailable extends Error {}

/**
 * Verifies Sallyport's access tokens in another service, with the keys that Sallyport publishes (RFC 7519, RFC 9068).
 *
 * It asks Sallyport for keys and never about a session: a sign-out is seen when the token runs out, which is at most
 * ACCESS_TOKEN_TTL (15 minutes by default) later. What must see it at once asks `auth.me` instead.
 */
export function createVerifier({ issuer, audience = issuer, jwksUrl }: VerifierOptions): Verifier {
  const keyOf = remoteKeys(new URL(jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`));
  return {
    verify: async (token) => {
      if (token === null) return err({ code: 'unauthenticated', problem: 'missing' });
      if (token.length > LONGEST) return err({ code: 'unauthenticated', problem: 'invalid' });
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          algorithms: [ALGORITHM],
          typ: 'at+jwt',
          issuer,
          audience,
          requiredClaims: ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'],
          clockTolerance: TOLERANCE_SECONDS,
        });
        return readAccess(payload);
      } catch (error) {
        return err(refusalOf(error));
      }
    },
  };
}

function remoteKeys(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new KeysUnavailable('The keys of the issuer cannot be had.', { cause: error });
    }
  };
}

function readAccess({ sub, sid, jti, exp, iat }: JWTPayload): Result<VerifiedAccess, AccessRefusal> {
  const fromTheFuture = typeof iat !== 'number' || iat * 1000 > Date.now() + TOLERANCE_SECONDS * 1000;
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof jti !== 'string' || typeof exp !== 'number' || fromTheFuture) {
    return err({ code: 'unauthenticated', problem: 'invalid' });
  }
  return ok({ userId: sub, sessionId: sid, tokenId: jti, expiresAt: new Date(exp * 1000) });
}

function refusalOf(error: unknown): AccessRefusal {
  if (error instanceof KeysUnavailable) return { code: 'unavailable', cause: error.cause };
  if (error instanceof errors.JWTExpired) return { code: 'unauthenticated', problem: 'expired' };
  if (error instanceof errors.JOSEError || error instanceof TypeError) return { code: 'unauthenticated', problem: 'invalid' };
  throw error;
}
