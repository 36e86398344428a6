import type { Model } from 'mongoose';
import type { MongoDatabase } from './mongo-database.ts';
import type { Rotation, SessionRepository } from '#application/ports/session-repository.ts';
import type { SessionId, UserId } from '#domain/ids.ts';
import { judgeGeneration, type Replacement, rotated, type Session, type SessionEndReason } from '#domain/session.ts';

const time = { type: Date, required: true };
const count = { type: Number, required: true };

interface SessionRecord {
  _id: SessionId;
  userId: UserId;
  generation: number;
  replaced: Replacement[];
  createdAt: Date;
  idleExpiresAt: Date;
  absoluteExpiresAt: Date;
  endedAt: Date | null;
  endReason: SessionEndReason | null;
}

/** Sessions in MongoDB. */
export class MongoSessionRepository implements SessionRepository {
  readonly #database: MongoDatabase;
  readonly #model: Model<SessionRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<SessionRecord>('sessions', {
      _id: { type: String, required: true },
      userId: { type: String, required: true },
      generation: count,
      replaced: { type: [{ _id: false, generation: count, at: time }], required: true },
      ...{ createdAt: time, idleExpiresAt: time, absoluteExpiresAt: time },
      endedAt: { type: Date, default: null },
      endReason: { type: String, enum: ['logout', 'reuse', null], default: null },
    });
  }

  async add(session: Session): Promise<void> {
    const { id, replaced, ...rest } = session;
    await this.#database.call(() => this.#model.insertOne({ _id: id, ...rest, replaced: [...replaced] }));
  }

  async findAlive(id: SessionId, now: Date): Promise<Session | null> {
    return toSessionOrNull(
      await this.#database.call(() =>
        this.#model
          .findOne({ _id: id, ...alive(now) })
          .lean()
          .exec(),
      ),
    );
  }

  /**
   * What the next generation looks like is worked out from the session as it was read, and written only where the generation is still
   * the one that was read. Whoever loses that race reads again: the winner has moved the generation on, so there is no third time.
   */
  async rotate(rotation: { sessionId: SessionId; generation: number; now: Date; graceMs: number; idleMs: number }): Promise<Rotation> {
    for (let round = 0; round < 3; round += 1) {
      const session = toSessionOrNull(await this.#database.call(() => this.#model.findOne({ _id: rotation.sessionId }).lean().exec()));
      const kind = judgeGeneration(session, rotation);
      if (session === null || kind === 'rejected') return { kind: 'rejected' };
      if (kind !== 'current') return { kind, session };

      const moved = await this.#tryRotate(session, rotation);
      if (moved !== null) return { kind: 'rotated', session: moved };
    }
    throw new Error('A session was rotated under every look at it.');
  }

  async end({ id, reason, now }: { id: SessionId; reason: SessionEndReason; now: Date }): Promise<Session | null> {
    return this.#update({ _id: id, ...alive(now) }, { endedAt: now, endReason: reason });
  }

  async sweep({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const dead = {
      $or: [{ idleExpiresAt: { $lte: now } }, { absoluteExpiresAt: { $lte: now } }, { endedAt: { $type: 'date' as const } }],
    };
    const found = await this.#database.call(() => this.#model.find(dead, { _id: 1 }).limit(limit).lean().exec());
    if (found.length === 0) return 0;
    const ids = found.map(({ _id }) => _id);
    const { deletedCount } = await this.#database.call(() => this.#model.deleteMany({ _id: { $in: ids }, ...dead }).exec());
    return deletedCount;
  }

  async #tryRotate(session: Session, { now, idleMs }: { now: Date; idleMs: number }): Promise<Session | null> {
    const { generation, replaced, idleExpiresAt } = rotated(session, now, idleMs);
    const unmoved = { _id: session.id, generation: session.generation, ...alive(now) };
    return this.#update(unmoved, { generation, idleExpiresAt, replaced: [...replaced] });
  }

  async #update(filter: Record<string, unknown>, change: Partial<SessionRecord>): Promise<Session | null> {
    const options = { returnDocument: 'after', lean: true } as const;
    const record = await this.#database.call(() => this.#model.findOneAndUpdate(filter, { $set: change }, options).exec());
    return toSessionOrNull(record as SessionRecord | null);
  }
}

function alive(now: Date) {
  return { endedAt: null, idleExpiresAt: { $gt: now }, absoluteExpiresAt: { $gt: now } };
}

function toSessionOrNull(record: SessionRecord | null): Session | null {
  if (record === null) return null;
  const { _id: id, userId, generation, replaced, createdAt, idleExpiresAt, absoluteExpiresAt, endedAt, endReason } = record;
  const kept = replaced.map((each) => ({ generation: each.generation, at: each.at }));
  return { id, userId, generation, replaced: kept, createdAt, idleExpiresAt, absoluteExpiresAt, endedAt, endReason };
}
