import { choices, type Outcome } from './linearise.ts';
import type { Rotation } from '#application/ports/session-repository.ts';
import type { SessionId, UserId } from '#domain/ids.ts';
import type { Session, SessionEndReason } from '#domain/session.ts';

export const GRACE = 60_000;
export const IDLE = 10 * GRACE;
export const ABSOLUTE = 25 * GRACE;

/** All that there is to know of a session. `uses[n]` is when generation n + 1 was traded in. */
interface Known {
  readonly since: number;
  readonly uses: readonly number[];
  readonly ended: { readonly at: number; readonly reason: SessionEndReason } | null;
}

export type Sessions = Readonly<Record<string, Known>>;

export type SessionOperation =
  | { readonly do: 'add'; readonly id: string; readonly now: number }
  | { readonly do: 'find'; readonly id: string; readonly now: number }
  | { readonly do: 'rotate'; readonly id: string; readonly generation: number; readonly now: number }
  | { readonly do: 'end'; readonly id: string; readonly reason: SessionEndReason; readonly now: number }
  | { readonly do: 'sweep'; readonly limit: number; readonly now: number };

export type SessionAnswer = Rotation | Session | null | number | undefined;

const limitOf = ({ since, uses }: Known) => Math.min((uses.at(-1) ?? since) + IDLE, since + ABSOLUTE);
const lives = (known: Known, now: number) => known.ended === null && now < limitOf(known);

export function generationOf(sessions: Sessions, id: string): number {
  return (sessions[id]?.uses.length ?? 0) + 1;
}

/** As the port gives it. */
export function sessionOf(id: string, known: Known): Session {
  const traded = known.uses.map((at, n) => ({ generation: n + 1, at: new Date(at) }));
  return {
    id: id as SessionId,
    userId: `user of ${id}` as UserId,
    generation: traded.length + 1,
    replaced: traded.slice(-5),
    createdAt: new Date(known.since),
    idleExpiresAt: new Date(limitOf(known)),
    absoluteExpiresAt: new Date(known.since + ABSOLUTE),
    endedAt: known.ended === null ? null : new Date(known.ended.at),
    endReason: known.ended?.reason ?? null,
  };
}

/** What a session repository may do. */
export function sessionRules(sessions: Sessions, operation: SessionOperation, alone: boolean): Outcome<Sessions, SessionAnswer>[] {
  if (operation.do === 'sweep') return sweep(sessions, operation, alone);
  const { id, now } = operation;
  const known = sessions[id];
  const stays = (answer: SessionAnswer) => [{ state: sessions, answer }];
  const becomes = (next: Known, answer: SessionAnswer) => [{ state: { ...sessions, [id]: next }, answer }];

  if (operation.do === 'add') return becomes({ since: now, uses: [], ended: null }, undefined);
  if (known === undefined || !lives(known, now)) return stays(operation.do === 'rotate' ? { kind: 'rejected' } : null);
  if (operation.do === 'find') return stays(sessionOf(id, known));
  if (operation.do === 'end') {
    const next = { ...known, ended: { at: now, reason: operation.reason } };
    return becomes(next, sessionOf(id, next));
  }

  const behind = known.uses.length + 1 - operation.generation;
  if (behind < 0) return stays({ kind: 'rejected' });
  if (behind === 0) {
    const next = { ...known, uses: [...known.uses, now] };
    return becomes(next, { kind: 'rotated', session: sessionOf(id, next) });
  }
  const tradedAt = known.uses[operation.generation - 1] ?? 0;
  const excused = behind <= 5 && now - tradedAt <= GRACE;
  return stays({ kind: excused ? 'replayed' : 'reused', session: sessionOf(id, known) });
}

/** Any of the dead; alone as many as it may, while others are at it perhaps fewer. */
function sweep(sessions: Sessions, { now, limit }: { now: number; limit: number }, alone: boolean): Outcome<Sessions, number>[] {
  const dead = Object.keys(sessions).filter((id) => sessions[id] !== undefined && !lives(sessions[id], now));
  const most = Math.min(limit, dead.length);
  const counts = alone ? [most] : Array.from({ length: most + 1 }, (_, count) => count);
  return counts.flatMap((count) =>
    choices(dead, count).map((gone) => ({
      state: count === 0 ? sessions : Object.fromEntries(Object.entries(sessions).filter(([id]) => !gone.includes(id))),
      answer: count,
    })),
  );
}
