import { randomUUID } from 'node:crypto';
import { errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { JWT_ALGORITHM, type JwtKeys } from './jwt-keys.ts';
import { type AccessTokenClaims, VerifiedTokens } from './verified-tokens.ts';
import type { AccessTokens } from '#application/ports/access-tokens.ts';
import type { SessionId, UserId } from '#domain/ids.ts';

export interface JoseAccessTokensDeps {
  readonly keys: JwtKeys;
  /** Issuer and audience alike. */
  readonly issuer: string;
  readonly ttlMs: number;
}

const TYPE = 'at+jwt';
const TOLERANCE_SECONDS = 5;
const LONGEST = 2_048;
/** Three parts, the last of 64 bytes. jose would forgive a line break or spare bits at the end; here one token has one spelling. */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/;

/** Access tokens as JWTs signed with Ed25519 (RFC 7519, RFC 9068). The first key signs, all verify. */
export class JoseAccessTokens implements AccessTokens {
  readonly #deps: JoseAccessTokensDeps;
  readonly #keyOf: JWTVerifyGetKey;
  readonly #verified = new VerifiedTokens();

  constructor(deps: JoseAccessTokensDeps) {
    this.#deps = deps;
    const byId = new Map(deps.keys.map(({ id, publicKey }) => [id, publicKey]));
    this.#keyOf = ({ kid }) => {
      const key = byId.get(kid ?? '');
      if (key === undefined) throw new errors.JWKSNoMatchingKey();
      return key;
    };
  }

  async issue({ userId, sessionId, now }: { userId: UserId; sessionId: SessionId; now: Date }) {
    const { keys, issuer, ttlMs } = this.#deps;
    const [key] = keys;
    const issuedAt = Math.floor(now.getTime() / 1000);
    const expiresInSeconds = Math.floor(ttlMs / 1000);

    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: JWT_ALGORITHM, typ: TYPE, kid: key.id })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + expiresInSeconds)
      .sign(key.privateKey);
    return { token, expiresInSeconds };
  }

  async verify(token: string, now: Date): Promise<{ userId: UserId; sessionId: SessionId } | null> {
    if (token.length > LONGEST || !FORM.test(token)) return null;
    const known = this.#verified.find(token, now);
    const claims = known ?? (await this.#prove(token, now));
    if (claims === null) return null;
    if (known === null) this.#verified.keep(token, claims);
    return { userId: claims.userId, sessionId: claims.sessionId };
  }

  async #prove(token: string, now: Date): Promise<AccessTokenClaims | null> {
    const { issuer, ttlMs } = this.#deps;
    try {
      const { payload } = await jwtVerify(token, this.#keyOf, {
        algorithms: [JWT_ALGORITHM],
        typ: TYPE,
        issuer,
        audience: issuer,
        requiredClaims: ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'],
        clockTolerance: TOLERANCE_SECONDS,
        // Also refuses a token from the future.
        maxTokenAge: Math.ceil(ttlMs / 1000) + TOLERANCE_SECONDS,
        currentDate: now,
      });
      const { sub, sid, iat = 0, exp = 0 } = payload;
      if (typeof sub !== 'string' || typeof sid !== 'string') return null;
      return {
        userId: sub as UserId,
        sessionId: sid as SessionId,
        issuedAtMs: iat * 1000,
        expiresAtMs: Math.min(exp * 1000, iat * 1000 + ttlMs),
      };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }
}
