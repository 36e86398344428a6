import { type Model, type QueryFilter, Schema, trusted } from 'mongoose';
import { z } from 'zod';
import { isDuplicateKey } from './failures.ts';
import { count, maybeText, maybeTime, text, textAs, time } from './fields.ts';
import type { MongoDatabase } from './mongo-database.ts';
import type { Outbox } from '#application/ports/outbox.ts';
import type { MessageId } from '#domain/ids.ts';
import { parseMailIntent } from '#domain/mail-intent.ts';
import type { MessageOutcome, NewOutboxMessage, OutboxMessage } from '#domain/outbox-message.ts';

/** A claim that meets only messages which nobody can read gives up after so many; they are dead by then. */
const UNREADABLE_PER_CLAIM = 100;
const OLDEST = { createdAt: 1 } as const;

const messageRecord = z.object({
  _id: textAs<MessageId>(),
  key: z.string(),
  intent: z.unknown(),
  createdAt: z.date(),
  state: z.enum(['waiting', 'sent', 'dropped', 'held', 'dead']),
  dueAt: z.date(),
  claims: z.number().int(),
  failures: z.number().int(),
  owner: z.string().nullable(),
  finishedAt: z.date().nullable(),
  why: z.string().nullable(),
});
type MessageRecord = z.infer<typeof messageRecord>;
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
      ...{ _id: text, key: text, intent: { type: Schema.Types.Mixed, required: true } },
      ...{ createdAt: time, state: text, dueAt: time, claims: count, failures: count },
      ...{ owner: maybeText, finishedAt: maybeTime, why: maybeText },
    });
  }

  async add(message: NewOutboxMessage, limits?: { capacity: number }): Promise<'added' | 'already-there' | 'full'> {
    if (limits !== undefined && (await this.#isFull(limits.capacity))) {
      const kept = await this.#database.callRepeatable(() => this.#model.findOne({ key: message.key }, { _id: 1 }).lean());
      return kept === null ? 'full' : 'already-there';
    }
    try {
      return (await this.#database.insert(this.#model, fromMessage(message))) === 'inserted' ? 'added' : 'already-there';
    } catch (error) {
      if (isDuplicateKey(error)) return 'already-there';
      throw error;
    }
  }

  async claim({ owner, now, leaseMs }: { owner: string; now: Date; leaseMs: number }): Promise<OutboxMessage | null> {
    const lease = { $set: { owner, dueAt: new Date(now.getTime() + leaseMs) }, $inc: { claims: 1 } };
    const options = { sort: { dueAt: 1 }, returnDocument: 'after', lean: true } as const;
    const due: Filter = { state: 'waiting', dueAt: trusted({ $lte: now }) };

    for (let unreadable = 0; unreadable < UNREADABLE_PER_CLAIM; unreadable += 1) {
      const stored = await this.#database.call(() => this.#model.findOneAndUpdate(due, lease, options));
      if (stored === null) return null;
      const message = toMessageOrNull(stored);
      if (message !== null) return message;
      await this.settle({ id: stored._id, owner, outcome: { kind: 'dead', why: 'unreadable' }, now });
    }
    return null;
  }

  /**
   * An end is repeated when its answer was lost, for a sent mail that is not marked would be sent again; the second try takes the mark
   * of the first for its own. What only puts a message off is not: the same worker may have taken it up again meanwhile.
   */
  async settle({ id, owner, outcome, now }: { id: MessageId; owner: string; outcome: MessageOutcome; now: Date }): Promise<boolean> {
    const held: Filter = { _id: id, owner, state: 'waiting' };
    if (outcome.kind === 'deferred' || outcome.kind === 'returned') {
      const putOff = () => this.#model.updateOne(held, afterwards(outcome, now));
      return (await this.#database.call(putOff)).matchedCount === 1;
    }
    const marked: Filter = { _id: id, owner, state: outcome.kind, finishedAt: now };
    const end = (isSecondTry: boolean) => this.#model.updateOne(isSecondTry ? { $or: [held, marked] } : held, afterwards(outcome, now));
    return (await this.#database.callRepeatable(end)).matchedCount === 1;
  }

  async sweep(sweep: Sweep): Promise<number> {
    const finishedLongAgo: Filter = {
      state: trusted({ $in: ['sent', 'dropped', 'held'] as const }),
      finishedAt: trusted({ $lt: sweep.finishedBefore }),
    };
    const deadLongAgo: Filter = { state: 'dead', finishedAt: trusted({ $lt: sweep.deadBefore }) };
    const free = [{ owner: null }, { dueAt: trusted({ $lte: sweep.now }) }];
    const deferred: Filter = { state: 'waiting', failures: trusted({ $gt: 0 }), $or: free };

    let gone = 0;
    for (const rule of [finishedLongAgo, deadLongAgo])
      gone += await this.#database.remove(this.#model, rule, { limit: sweep.limit - gone, sort: OLDEST });
    for (const rule of [{ state: 'dead' } as Filter, deferred]) {
      const room = sweep.limit - gone;
      const excess = Math.min(room, await this.#excess(rule, sweep.keep, room));
      gone += await this.#database.remove(this.#model, rule, { limit: excess, sort: OLDEST });
    }
    return gone;
  }

  /** Counts no further than it must; the partial index holds only what nobody has taken up. */
  async #isFull(capacity: number): Promise<boolean> {
    const untouched = { state: 'waiting', claims: 0 } as const;
    const counted = () => this.#model.countDocuments(untouched).limit(capacity).hint('untouched');
    return (await this.#database.callRepeatable(counted)) >= capacity;
  }

  async #excess(rule: Filter, keep: number, limit: number): Promise<number> {
    if (limit <= 0) return 0;
    const counted = () => this.#model.countDocuments(rule).limit(keep + limit);
    return (await this.#database.callRepeatable(counted)) - keep;
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
      return { $set: { state: outcome.kind, finishedAt: now, why: outcome.kind === 'dead' ? outcome.why : null } };
  }
}

function fromMessage({ id, key, intent, createdAt }: NewOutboxMessage): MessageRecord {
  const untouched = { state: 'waiting', dueAt: createdAt, claims: 0, failures: 0, owner: null, finishedAt: null, why: null } as const;
  return { _id: id, key, intent, createdAt, ...untouched };
}

/** `null` for one that nobody can read. */
function toMessageOrNull(stored: unknown): OutboxMessage | null {
  const { data: record } = messageRecord.safeParse(stored);
  const intent = parseMailIntent(record?.intent);
  if (record === undefined || intent === null) return null;
  const { _id: id, key, createdAt, claims, failures } = record;
  return { id, key, intent, createdAt, claims, failures };
}
