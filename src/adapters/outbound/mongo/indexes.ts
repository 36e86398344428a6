import type { Connection, mongo } from 'mongoose';
import { codeOf, isDuplicateKey } from './failures.ts';

interface Index {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
}

const ENDED = { endedAt: { $type: 'date' } };

/** Every index that the adapters rely on, by collection. No TTL index: expiry is in the queries. */
const INDEXES: Readonly<Record<string, readonly Index[]>> = {
  registrations: [
    { name: 'by_browser', key: { browserHash: 1 }, unique: true },
    { name: 'by_email', key: { canonical: 1, createdAt: -1 } },
    { name: 'by_expiry', key: { expiresAt: 1 } },
    { name: 'ended', key: { endedAt: 1 }, partialFilterExpression: ENDED },
  ],
  users: [{ name: 'by_email', key: { canonical: 1 }, unique: true }],
  sessions: [
    { name: 'by_idle_expiry', key: { idleExpiresAt: 1 } },
    { name: 'by_absolute_expiry', key: { absoluteExpiresAt: 1 } },
    { name: 'ended', key: { endedAt: 1 }, partialFilterExpression: ENDED },
  ],
  outbox: [
    { name: 'by_key', key: { key: 1 }, unique: true },
    { name: 'due', key: { dueAt: 1 }, partialFilterExpression: { state: 'waiting' } },
    { name: 'untouched', key: { createdAt: 1 }, partialFilterExpression: { state: 'waiting', claims: 0 } },
    { name: 'deferred', key: { createdAt: -1, failures: 1 }, partialFilterExpression: { state: 'waiting', failures: { $gt: 0 } } },
    { name: 'finished', key: { state: 1, finishedAt: 1 } },
  ],
};

/** What an index may also be, and none of ours is: each would make it miss documents, or delete them. (Nor has one a collation, which may hold two texts for the same.) */
const NEVER = ['sparse', 'hidden', 'expireAfterSeconds'];

/** MongoDB's error codes for an index that has the same name or the same keys and is another. */
const CONFLICT_CODES = [67, 85, 86];

/**
 * Makes the indexes that are missing, by name, then looks at every one. Throws WrongIndexError when one is not what it must be.
 * One that is there is asked for all the same: it may be another instance's that is still being built, and the answer waits for it.
 */
export async function ensureIndexes(connection: Connection): Promise<void> {
  for (const [name, indexes] of Object.entries(INDEXES)) {
    const collection = connection.collection(name);
    for (const index of indexes) {
      const { key, ...options } = index;
      await collection.createIndex(key, options).catch((error: unknown) => refuse(name, index, error));
    }
    const made = await collection.listIndexes().toArray();
    const wrong = indexes.find((index) => !isAsWanted(index, made));
    if (wrong !== undefined) throw new WrongIndexError(name, wrong);
  }
}

/** The database has an index of the right name and the wrong kind, or cannot have ours: a promise of the service would not hold. */
class WrongIndexError extends Error {
  override readonly name = 'WrongIndexError';

  constructor(collection: string, wanted: Index, options?: ErrorOptions) {
    const what = `MongoDB's index ${collection}.${wanted.name} is not what it must be (${JSON.stringify(wanted)}).`;
    super(`${what} Drop it, and any other on the same keys; the next start makes it anew.`, options);
  }
}

function isAsWanted(wanted: Index, made: readonly mongo.IndexDescriptionInfo[]): boolean {
  const found = made.find(({ name }) => name === wanted.name);
  return (
    found !== undefined &&
    JSON.stringify(found.key) === JSON.stringify(wanted.key) &&
    (found.unique ?? false) === (wanted.unique ?? false) &&
    JSON.stringify(found.partialFilterExpression ?? null) === JSON.stringify(wanted.partialFilterExpression ?? null) &&
    (found.collation?.locale ?? 'simple') === 'simple' &&
    NEVER.every((option) => !(option in found))
  );
}

function refuse(collection: string, index: Index, error: unknown): never {
  if (CONFLICT_CODES.includes(codeOf(error))) throw new WrongIndexError(collection, index, { cause: error });
  if (!isDuplicateKey(error)) throw error;
  // The driver's error names the very value, which is somebody's address.
  const fields = Object.keys(index.key).join(', ');
  throw new Error(`MongoDB's index ${collection}.${index.name} cannot be made: two documents have the same ${fields}. Remove one of them.`);
}
