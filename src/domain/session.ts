import type { SessionId, UserId } from './ids.ts';

export type SessionEndReason = 'logout' | 'reuse';

/** A browser that is signed in. Its refresh token is known only by its generation. */
export interface Session {
  readonly id: SessionId;
  readonly userId: UserId;
  /** Of the current refresh token; the first is 1. */
  readonly generation: number;
  /** The last five generations that were replaced, oldest first. */
  readonly replaced: readonly Replacement[];
  readonly createdAt: Date;
  readonly idleExpiresAt: Date;
  readonly absoluteExpiresAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: SessionEndReason | null;
}

export interface Replacement {
  readonly generation: number;
  readonly at: Date;
}

export const KEPT_REPLACEMENTS = 5;

export interface SessionLifetimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

export function startSession(start: { id: SessionId; userId: UserId; now: Date; lifetimes: SessionLifetimes }): Session {
  const absoluteExpiresAt = new Date(start.now.getTime() + start.lifetimes.absoluteMs);
  return {
    id: start.id,
    userId: start.userId,
    generation: 1,
    replaced: [],
    createdAt: start.now,
    idleExpiresAt: idleEnd({ absoluteExpiresAt }, start.now, start.lifetimes.idleMs),
    absoluteExpiresAt,
    endedAt: null,
    endReason: null,
  };
}

export function isAlive(session: Pick<Session, 'endedAt' | 'idleExpiresAt' | 'absoluteExpiresAt'>, now: Date): boolean {
  return session.endedAt === null && session.idleExpiresAt > now && session.absoluteExpiresAt > now;
}

/** Use pushes the idle limit away, never past the absolute one. */
export function idleEnd(session: Pick<Session, 'absoluteExpiresAt'>, now: Date, idleMs: number): Date {
  return new Date(Math.min(now.getTime() + idleMs, session.absoluteExpiresAt.getTime()));
}

/** When the session ends if it is not used again. */
export function sessionEnd(session: Pick<Session, 'idleExpiresAt' | 'absoluteExpiresAt'>): Date {
  return session.idleExpiresAt < session.absoluteExpiresAt ? session.idleExpiresAt : session.absoluteExpiresAt;
}

/** What a genuine refresh token is worth. */
export type Presented = 'current' | 'replayed' | 'reused' | 'rejected';

/** Judges a presented generation. Knows nothing of concurrency: whoever acts on `current` must do so conditionally. */
export function judgeGeneration(session: Session | null, presented: { generation: number; now: Date; graceMs: number }): Presented {
  if (session === null || !isAlive(session, presented.now)) return 'rejected';
  if (presented.generation > session.generation) return 'rejected';
  if (presented.generation === session.generation) return 'current';

  const replacement = session.replaced.find(({ generation }) => generation === presented.generation);
  const withinGrace = replacement !== undefined && presented.now.getTime() - replacement.at.getTime() <= presented.graceMs;
  return withinGrace ? 'replayed' : 'reused';
}

/** The session after its current generation was traded for the next. */
export function rotated(session: Session, now: Date, idleMs: number): Session {
  return {
    ...session,
    generation: session.generation + 1,
    replaced: [...session.replaced, { generation: session.generation, at: now }].slice(-KEPT_REPLACEMENTS),
    idleExpiresAt: idleEnd(session, now, idleMs),
  };
}
