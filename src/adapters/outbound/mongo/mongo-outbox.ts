import { type Model, type QueryFilter, Schema } from 'mongoose';
import { isDuplicateKey, type MongoDatabase } from './mongo-database.ts';
import type { Outbox } from '#application/ports/outbox.ts';
import type { MessageId } from '#domain/ids.ts';
import { type MailIntent, parseMailIntent } from '#domain/mail-intent.ts';
import type { MessageOutcome, NewOutboxMessage, OutboxMessage } from '#domain/outbox-message.ts';

/** A claim that meets only messages which nobody can read gives up after so many; they are dead by then. */
const UNREADABLE_PER_CLAIM = 100;

const text = { type: String, required: true };
const time = { type: Date, required: true };
const count = { type: Number, required: true };

interface MessageRecord {
  _id: MessageId;
  key: string;
  intent: unknown;
  createdAt: Date;
  state: 'waiting' | 'sent' | 'dropped' | 'held' | 'dead';
  dueAt: Date;
  claims: number;
  failures: number;
  owner: string | null;
  finishedAt: Date | null;
  why: string | null;
}

type Filter = QueryFilter<MessageRecord>;
interface Sweep {
  readonly now: Date;
  readonly finishedBefore: Date;
  readonly deadBefore: Date;
  readonly keep: number;
  readonly limit: number;
}

/** Messages in MongoDB. A lease is a due time in the future: when it runs out, the message is due again. */
export class MongoOutbox implements Outbox {
  readonly #database: MongoDatabase;
  readonly #model: Model<MessageRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<MessageRecord>('outbox', {
      ...{ _id: text, key: text },
      intent: { type: Schema.Types.Mixed, required: true },
      ...{ createdAt: time, state: text, dueAt: time, claims: count, failures: count },
      owner: { type: String, default: null },
      finishedAt: { type: Date, default: null },
      why: { type: String, default: null },
    });
  }

  async add({ id, key, intent, createdAt }: NewOutboxMessage, limits?: { capacity: number }): Promise<'added' | 'already-there' | 'full'> {
    if (limits !== undefined && (await this.#isFull(limits.capacity))) {
      const kept = await this.#database.call(() => this.#model.findOne({ key }, { _id: 1 }).lean().exec());
      return kept === null ? 'full' : 'already-there';
    }
    const fresh = { state: 'waiting', dueAt: createdAt, claims: 0, failures: 0, owner: null, finishedAt: null, why: null } as const;
    try {
      await this.#database.call(() => this.#model.insertOne({ _id: id, key, intent, createdAt, ...fresh }));
      return 'added';
    } catch (error) {
      if (isDuplicateKey(error)) return 'already-there';
      throw error;
    }
  }

  async claim({ owner, now, leaseMs }: { owner: string; now: Date; leaseMs: number }): Promise<OutboxMessage | null> {
    const lease = { $set: { owner, dueAt: new Date(now.getTime() + leaseMs) }, $inc: { claims: 1 } };
    const options = { sort: { dueAt: 1 }, returnDocument: 'after', lean: true } as const;

    for (let unreadable = 0; unreadable < UNREADABLE_PER_CLAIM; unreadable += 1) {
      const claimed = await this.#database.call(() =>
        this.#model.findOneAndUpdate({ state: 'waiting', dueAt: { $lte: now } }, lease, options).exec(),
      );
      const record = claimed as MessageRecord | null;
      if (record === null) return null;
      const intent = parseMailIntent(record.intent);
      if (intent !== null) return toMessage(record, intent);
      await this.settle({ id: record._id, owner, outcome: { kind: 'dead', why: 'unreadable' }, now });
    }
    return null;
  }

  async settle({ id, owner, outcome, now }: { id: MessageId; owner: string; outcome: MessageOutcome; now: Date }): Promise<boolean> {
    const held = { _id: id, owner, state: 'waiting' } as const;
    const { matchedCount } = await this.#database.call(() => this.#model.updateOne(held, afterwards(outcome, now)).exec());
    return matchedCount === 1;
  }

  async sweep(sweep: Sweep): Promise<number> {
    const { now, finishedBefore, deadBefore } = sweep;
    const finished = { state: { $in: ['sent', 'dropped', 'held'] }, finishedAt: { $lt: finishedBefore } } as Filter;
    const dead: Filter = { state: 'dead', finishedAt: { $lt: deadBefore } };
    const deferred: Filter = { state: 'waiting', failures: { $gt: 0 }, $or: [{ owner: null }, { dueAt: { $lte: now } }] };

    let gone = 0;
    for (const rule of [finished, dead]) gone += await this.#remove(rule, await this.#oldest(rule, sweep.limit - gone));
    for (const rule of [{ state: 'dead' } as Filter, deferred]) {
      const excess = (await this.#database.call(() => this.#model.countDocuments(rule).exec())) - sweep.keep;
      gone += await this.#remove(rule, await this.#oldest(rule, Math.min(excess, sweep.limit - gone)));
    }
    return gone;
  }

  /** Counts no further than it must; the partial index holds only what nobody has taken up. */
  async #isFull(capacity: number): Promise<boolean> {
    const untouched = { state: 'waiting', claims: 0 } as const;
    return (await this.#database.call(() => this.#model.countDocuments(untouched).limit(capacity).hint('untouched').exec())) >= capacity;
  }

  async #oldest(rule: Filter, limit: number): Promise<MessageId[]> {
    if (limit <= 0) return [];
    const found = await this.#database.call(() => this.#model.find(rule, { _id: 1 }).sort({ createdAt: 1 }).limit(limit).lean().exec());
    return found.map(({ _id }) => _id);
  }

  async #remove(rule: Filter, ids: MessageId[]): Promise<number> {
    if (ids.length === 0) return 0;
    return (await this.#database.call(() => this.#model.deleteMany({ ...rule, _id: { $in: ids } }).exec())).deletedCount;
  }
}

function afterwards(outcome: MessageOutcome, now: Date) {
  switch (outcome.kind) {
    case 'deferred':
      return { $set: { owner: null, dueAt: outcome.dueAt, why: outcome.why }, $inc: { failures: 1 } };
    case 'returned':
      return { $set: { owner: null, dueAt: now } };
    case 'sent':
    case 'dropped':
    case 'held':
    case 'dead':
      return { $set: { owner: null, state: outcome.kind, finishedAt: now, why: outcome.kind === 'dead' ? outcome.why : null } };
  }
}

function toMessage({ _id: id, key, createdAt, claims, failures }: MessageRecord, intent: MailIntent): OutboxMessage {
  return { id, key, intent, createdAt, claims, failures };
}
