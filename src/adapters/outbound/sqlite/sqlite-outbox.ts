import { type SqliteDatabase, type SqliteQuery, type SqliteRow, toDate, toNumber, toText } from './sqlite-database.ts';
import type { Outbox } from '#application/ports/outbox.ts';
import type { MessageId } from '#domain/ids.ts';
import { type MailIntent, parseMailIntent } from '#domain/mail-intent.ts';
import type { MessageOutcome, NewOutboxMessage, OutboxMessage } from '#domain/outbox-message.ts';

/** A claim that meets only rows which nobody can read gives up after so many; they are dead by then. */
const UNREADABLE_PER_CLAIM = 100;

const HELD = "id = :id AND owner = :owner AND state = 'waiting'";

/** What a sweep removes: all that the first two name, and of the last two all but the newest. */
const FINISHED = [
  "state <> 'waiting' AND state IN ('sent', 'dropped', 'held') AND finished_at < :finishedBefore",
  "state <> 'waiting' AND state = 'dead' AND finished_at < :deadBefore",
];
const CROWDED = ["state = 'dead'", "state = 'waiting' AND failures > 0 AND (owner IS NULL OR due_at <= :now)"];

/** Messages in SQLite. A lease is a due time in the future: when it runs out, the message is due again. */
export class SqliteOutbox implements Outbox {
  readonly #add: SqliteQuery;
  readonly #findKey: SqliteQuery;
  readonly #claim: SqliteQuery;
  readonly #finish: SqliteQuery;
  readonly #defer: SqliteQuery;
  readonly #giveBack: SqliteQuery;
  readonly #sweeps: readonly SqliteQuery[];

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(`
      INSERT INTO outbox (id, key, intent, created_at, state, due_at, claims, failures)
      SELECT :id, :key, :intent, :createdAt, 'waiting', :createdAt, 0, 0
      WHERE :capacity IS NULL
        OR (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'waiting' AND claims = 0 LIMIT :capacity)) < :capacity
      ON CONFLICT (key) DO NOTHING`);
    this.#findKey = database.prepare('SELECT id FROM outbox WHERE key = :key');
    this.#claim = database.prepare(`
      UPDATE outbox SET owner = :owner, due_at = :until, claims = claims + 1
      WHERE id = (SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= :now ORDER BY due_at LIMIT 1) RETURNING *`);
    this.#finish = database.prepare(`UPDATE outbox SET state = :state, finished_at = :now, why = :why, owner = NULL WHERE ${HELD}`);
    this.#defer = database.prepare(`UPDATE outbox SET due_at = :dueAt, failures = failures + 1, why = :why, owner = NULL WHERE ${HELD}`);
    this.#giveBack = database.prepare(`UPDATE outbox SET due_at = :now, owner = NULL WHERE ${HELD}`);
    this.#sweeps = [
      ...FINISHED.map((rule) => [rule, `SELECT id FROM outbox WHERE ${rule} LIMIT :limit`]),
      ...CROWDED.map((rule) => [
        rule,
        `SELECT id FROM (SELECT id, created_at FROM outbox WHERE ${rule} ORDER BY created_at DESC LIMIT -1 OFFSET :keep)
        ORDER BY created_at LIMIT :limit`,
      ]),
    ].map(([rule, chosen]) => database.prepare(`DELETE FROM outbox WHERE id IN (${chosen}) AND ${rule}`));
  }

  async add({ id, key, intent, createdAt }: NewOutboxMessage, limits?: { capacity: number }): Promise<'added' | 'already-there' | 'full'> {
    const row = { id, key, intent: JSON.stringify(intent), createdAt: createdAt.getTime() };
    if (this.#add.run({ ...row, capacity: limits?.capacity ?? null }) === 1) return 'added';
    return this.#findKey.get({ key }) === null ? 'full' : 'already-there';
  }

  async claim({ owner, now, leaseMs }: { owner: string; now: Date; leaseMs: number }): Promise<OutboxMessage | null> {
    for (let unreadable = 0; unreadable < UNREADABLE_PER_CLAIM; unreadable += 1) {
      const row = this.#claim.get({ owner, now: now.getTime(), until: now.getTime() + leaseMs });
      if (row === null) return null;
      const intent = toIntent(row);
      if (intent !== null) return toMessage(row, intent);

      const id = toText(row.id) as MessageId;
      await this.settle({ id, owner, outcome: { kind: 'dead', why: 'unreadable' }, now });
    }
    return null;
  }

  async settle(settlement: { id: MessageId; owner: string; outcome: MessageOutcome; now: Date }): Promise<boolean> {
    const { id, owner, outcome } = settlement;
    const held = { id, owner };
    const now = settlement.now.getTime();
    switch (outcome.kind) {
      case 'deferred':
        return this.#defer.run({ ...held, dueAt: outcome.dueAt.getTime(), why: outcome.why }) === 1;
      case 'returned':
        return this.#giveBack.run({ ...held, now }) === 1;
      case 'sent':
      case 'dropped':
      case 'held':
      case 'dead':
        return this.#finish.run({ ...held, now, state: outcome.kind, why: outcome.kind === 'dead' ? outcome.why : null }) === 1;
    }
  }

  async sweep(sweep: { now: Date; finishedBefore: Date; deadBefore: Date; keep: number; limit: number }): Promise<number> {
    const times = { now: sweep.now.getTime(), finishedBefore: sweep.finishedBefore.getTime(), deadBefore: sweep.deadBefore.getTime() };
    let gone = 0;
    for (const query of this.#sweeps) gone += query.run({ ...times, keep: sweep.keep, limit: sweep.limit - gone });
    return gone;
  }
}

function toIntent(row: SqliteRow): MailIntent | null {
  try {
    return parseMailIntent(JSON.parse(toText(row.intent)));
  } catch {
    return null;
  }
}

function toMessage(row: SqliteRow, intent: MailIntent): OutboxMessage {
  return {
    id: toText(row.id) as MessageId,
    key: toText(row.key),
    intent,
    createdAt: toDate(row.created_at),
    claims: toNumber(row.claims),
    failures: toNumber(row.failures),
  };
}
