import { z } from 'zod';
import { type SqliteDatabase, type SqliteQuery, type SqliteRow, toDate, toDateOrNull, toNumber, toText } from './sqlite-database.ts';
import type { Rotation, SessionRepository } from '#application/ports/session-repository.ts';
import type { SessionId, UserId } from '#domain/ids.ts';
import { judgeGeneration, type Replacement, rotated, type Session, type SessionEndReason } from '#domain/session.ts';

const ALIVE = 'ended_at IS NULL AND idle_expires_at > :now AND absolute_expires_at > :now';
// `> 0` rather than `IS NOT NULL`: so the planner sees that the index of the ended ones serves, and scans nothing.
const DEAD = '(idle_expires_at <= :now OR absolute_expires_at <= :now OR ended_at > 0)';

const replacements = z.array(z.strictObject({ generation: z.int(), at: z.int() }));
const endReasons = z.enum(['logout', 'reuse']).nullable();

/** Sessions in SQLite. */
export class SqliteSessionRepository implements SessionRepository {
  readonly #add: SqliteQuery;
  readonly #find: SqliteQuery;
  readonly #findAlive: SqliteQuery;
  readonly #rotate: SqliteQuery;
  readonly #end: SqliteQuery;
  readonly #sweep: SqliteQuery;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(`
      INSERT INTO sessions (id, user_id, generation, replaced, created_at, idle_expires_at, absolute_expires_at, ended_at, end_reason)
      VALUES (:id, :userId, :generation, :replaced, :createdAt, :idleExpiresAt, :absoluteExpiresAt, :endedAt, :endReason)`);
    this.#find = database.prepare('SELECT * FROM sessions WHERE id = :id');
    this.#findAlive = database.prepare(`SELECT * FROM sessions WHERE id = :id AND ${ALIVE}`);
    this.#rotate = database.prepare(`
      UPDATE sessions SET generation = :next, replaced = :replaced, idle_expires_at = :idleExpiresAt
      WHERE id = :id AND generation = :generation AND ${ALIVE} RETURNING *`);
    this.#end = database.prepare(`UPDATE sessions SET ended_at = :now, end_reason = :reason WHERE id = :id AND ${ALIVE} RETURNING *`);
    this.#sweep = database.prepare(
      `DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE ${DEAD} LIMIT :limit) AND ${DEAD}`,
    );
  }

  async add(session: Session): Promise<void> {
    this.#add.run(fromSession(session));
  }

  async findAlive(id: SessionId, now: Date): Promise<Session | null> {
    const row = this.#findAlive.get({ id, now: now.getTime() });
    return row === null ? null : toSession(row);
  }

  /**
   * What the next generation looks like is worked out from the row as it was read, and written only where the generation is still
   * the one that was read. Whoever loses that race reads again: the winner has moved the generation on, so there is no third time.
   */
  async rotate(rotation: { sessionId: SessionId; generation: number; now: Date; graceMs: number; idleMs: number }): Promise<Rotation> {
    for (let round = 0; round < 3; round += 1) {
      const row = this.#find.get({ id: rotation.sessionId });
      const session = row === null ? null : toSession(row);
      const kind = judgeGeneration(session, rotation);
      if (session === null || kind === 'rejected') return { kind: 'rejected' };
      if (kind !== 'current') return { kind, session };

      const moved = this.#tryRotate(session, rotation);
      if (moved !== null) return { kind: 'rotated', session: moved };
    }
    throw new Error('A session was rotated under every look at it.');
  }

  async end({ id, reason, now }: { id: SessionId; reason: SessionEndReason; now: Date }): Promise<Session | null> {
    const row = this.#end.get({ id, reason, now: now.getTime() });
    return row === null ? null : toSession(row);
  }

  async sweep({ now, limit }: { now: Date; limit: number }): Promise<number> {
    return this.#sweep.run({ now: now.getTime(), limit });
  }

  #tryRotate(session: Session, { now, idleMs }: { now: Date; idleMs: number }): Session | null {
    const next = fromSession(rotated(session, now, idleMs));
    const row = this.#rotate.get({
      id: session.id,
      generation: session.generation,
      next: next.generation,
      replaced: next.replaced,
      idleExpiresAt: next.idleExpiresAt,
      now: now.getTime(),
    });
    return row === null ? null : toSession(row);
  }
}

function fromSession(session: Session) {
  const { id, userId, generation, endReason } = session;
  return {
    ...{ id, userId, generation, endReason },
    replaced: JSON.stringify(session.replaced.map((each) => ({ generation: each.generation, at: each.at.getTime() }))),
    createdAt: session.createdAt.getTime(),
    idleExpiresAt: session.idleExpiresAt.getTime(),
    absoluteExpiresAt: session.absoluteExpiresAt.getTime(),
    endedAt: session.endedAt?.getTime() ?? null,
  };
}

function toSession(row: SqliteRow): Session {
  return {
    id: toText(row.id) as SessionId,
    userId: toText(row.user_id) as UserId,
    generation: toNumber(row.generation),
    replaced: toReplacements(toText(row.replaced)),
    createdAt: toDate(row.created_at),
    idleExpiresAt: toDate(row.idle_expires_at),
    absoluteExpiresAt: toDate(row.absolute_expires_at),
    endedAt: toDateOrNull(row.ended_at),
    endReason: endReasons.parse(row.end_reason),
  };
}

function toReplacements(json: string): Replacement[] {
  return replacements.parse(JSON.parse(json)).map(({ generation, at }) => ({ generation, at: new Date(at) }));
}
