import type { SessionId, UserId } from '#domain/ids.ts';

/** What a genuine access token says. */
export interface AccessTokenClaims {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Remembers tokens whose signature was good: the keys don't change while the process runs, so it stays good, and a browser shows
 * the same token again and again. Only within their time, without any tolerance; outside it they are judged afresh.
 */
export class VerifiedTokens {
  readonly #most: number;
  readonly #kept = new Map<string, AccessTokenClaims>();

  /** Ten thousand tokens are about six megabytes. */
  constructor({ most = 10_000 }: { most?: number } = {}) {
    this.#most = most;
  }

  find(token: string, now: Date): AccessTokenClaims | null {
    const claims = this.#kept.get(token);
    if (claims === undefined) return null;
    const ms = now.getTime();
    return ms >= claims.issuedAtMs && ms < claims.expiresAtMs ? claims : null;
  }

  /** The oldest goes when there are too many. */
  keep(token: string, claims: AccessTokenClaims): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= this.#most && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(token, claims);
  }
}
