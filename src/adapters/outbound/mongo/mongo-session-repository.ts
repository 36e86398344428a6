import { type Model, type QueryFilter, trusted } from 'mongoose';
import { z } from 'zod';
import { count, maybeText, maybeTime, text, textAs, time } from './fields.ts';
import type { Command, MongoDatabase } from './mongo-database.ts';
import type { Rotation, SessionRepository } from '#application/ports/session-repository.ts';
import type { SessionId, UserId } from '#domain/ids.ts';
import { judgeGeneration, rotated, type Session, type SessionEndReason } from '#domain/session.ts';

const sessionRecord = z.object({
  _id: textAs<SessionId>(),
  userId: textAs<UserId>(),
  generation: z.number().int(),
  replaced: z.array(z.object({ generation: z.number().int(), at: z.date() })),
  createdAt: z.date(),
  idleExpiresAt: z.date(),
  absoluteExpiresAt: z.date(),
  endedAt: z.date().nullable(),
  endReason: z.enum(['logout', 'reuse']).nullable(),
});
type SessionRecord = z.infer<typeof sessionRecord>;
type Filter = QueryFilter<SessionRecord>;

/** Sessions in MongoDB. */
export class MongoSessionRepository implements SessionRepository {
  readonly #database: MongoDatabase;
  readonly #model: Model<SessionRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<SessionRecord>('sessions', {
      ...{ _id: text, userId: text, generation: count },
      replaced: { type: [{ _id: false, generation: count, at: time }], required: true },
      ...{ createdAt: time, idleExpiresAt: time, absoluteExpiresAt: time, endedAt: maybeTime, endReason: maybeText },
    });
  }

  async add(session: Session): Promise<void> {
    await this.#database.insert(this.#model, fromSession(session));
  }

  async findAlive(id: SessionId, now: Date): Promise<Session | null> {
    return this.#find({ _id: id, ...alive(now) });
  }

  /**
   * What the next generation looks like is worked out from the session as it was read, and written only where the generation is still
   * the one that was read. Whoever loses that race reads again: the winner has moved the generation on, so there is no third time.
   * The same goes for a write whose answer was lost: done twice it finds itself the loser, and the caller a replay.
   */
  async rotate(rotation: { sessionId: SessionId; generation: number; now: Date; graceMs: number; idleMs: number }): Promise<Rotation> {
    for (let round = 0; round < 3; round += 1) {
      const session = await this.#find({ _id: rotation.sessionId });
      const kind = judgeGeneration(session, rotation);
      if (session === null || kind === 'rejected') return { kind: 'rejected' };
      if (kind !== 'current') return { kind, session };

      const moved = await this.#tryRotate(session, rotation);
      if (moved !== null) return { kind: 'rotated', session: moved };
    }
    throw new Error('A session was rotated under every look at it.');
  }

  /** Not repeated when its answer was lost: a session found ended then may be another caller's, and only one may be told. */
  async end({ id, reason, now }: { id: SessionId; reason: SessionEndReason; now: Date }): Promise<Session | null> {
    return toSessionOrNull(await this.#database.call(() => this.#update({ _id: id, ...alive(now) }, { endedAt: now, endReason: reason })));
  }

  async sweep({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const gone = trusted({ $lte: now });
    const dead: Filter = { $or: [{ idleExpiresAt: gone }, { absoluteExpiresAt: gone }, { endedAt: trusted({ $type: 'date' as const }) }] };
    return this.#database.remove(this.#model, dead, { limit });
  }

  async #find(filter: Filter): Promise<Session | null> {
    return toSessionOrNull(await this.#database.callRepeatable(() => this.#model.findOne(filter).lean()));
  }

  async #tryRotate(session: Session, { now, idleMs }: { now: Date; idleMs: number }): Promise<Session | null> {
    const { generation, replaced, idleExpiresAt } = rotated(session, now, idleMs);
    const unmoved = { _id: session.id, generation: session.generation, ...alive(now) };
    const next = { generation, idleExpiresAt, replaced: [...replaced] };
    return toSessionOrNull(await this.#database.callRepeatable(() => this.#update(unmoved, next)));
  }

  #update(filter: Filter, change: Partial<SessionRecord>): Command<unknown> {
    return this.#model.findOneAndUpdate(filter, { $set: change }, { returnDocument: 'after', lean: true });
  }
}

function alive(now: Date) {
  const ahead = trusted({ $gt: now });
  return { endedAt: null, idleExpiresAt: ahead, absoluteExpiresAt: ahead };
}

function fromSession({ id, replaced, ...rest }: Session): SessionRecord {
  return { _id: id, replaced: [...replaced], ...rest };
}

function toSessionOrNull(stored: unknown): Session | null {
  if (stored === null) return null;
  const { _id: id, ...rest } = sessionRecord.parse(stored);
  return { id, ...rest };
}
