import type { SessionId } from '#domain/ids.ts';
import type { Session, SessionEndReason } from '#domain/session.ts';

export type Rotation =
  | { readonly kind: 'rotated'; readonly session: Session }
  | { readonly kind: 'replayed'; readonly session: Session }
  | { readonly kind: 'reused'; readonly session: Session }
  | { readonly kind: 'rejected' };

/** Keeps sessions. A session's refresh token is known only by its generation. */
export interface SessionRepository {
  add(session: Session): Promise<void>;

  /** The session, if it is alive at `now`. `null` otherwise. */
  findAlive(id: SessionId, now: Date): Promise<Session | null>;

  /**
   * Moves the session from the presented generation to the next in one atomic step:
   * of any number of concurrent callers presenting the same generation, exactly one gets `rotated`.
   *
   * - `rejected`: no such session, ended, past an idle or absolute limit at `now`, or above the current generation; this comes before all others.
   * - `rotated`: presented was current. The idle limit moves to `now + idleMs`, never past the absolute one; the last five replacements are kept.
   * - `replayed`: presented was replaced no longer than `graceMs` before `now`. Nothing changes.
   * - `reused`: presented was replaced before that, or more than five replacements ago. Nothing changes.
   */
  rotate(rotation: { sessionId: SessionId; generation: number; now: Date; graceMs: number; idleMs: number }): Promise<Rotation>;

  /** Ends the session. The session as it was ended, for the one call that ended it; `null` when it was not alive at `now`. */
  end(end: { id: SessionId; reason: SessionEndReason; now: Date }): Promise<Session | null>;

  /** Deletes at most `limit` sessions that are not alive at `now`; the condition is part of the delete. Answers how many went. */
  sweep(sweep: { now: Date; limit: number }): Promise<number>;
}
