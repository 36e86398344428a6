import type { SessionId, UserId } from '#domain/ids.ts';

/** Issues and verifies access tokens: signed JWTs (RFC 9068, `typ: at+jwt`) of a session. */
export interface AccessTokens {
  issue(access: {
    userId: UserId;
    sessionId: SessionId;
    now: Date;
  }): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;

  /** Whose it is; `null` unless one of our keys signed it, for us, with every claim there, and it lives at `now`. */
  verify(token: string, now: Date): Promise<{ readonly userId: UserId; readonly sessionId: SessionId } | null>;
}
