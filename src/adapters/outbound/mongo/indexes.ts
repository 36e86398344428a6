import type { Connection, mongo } from 'mongoose';

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
    { name: 'ended', key: { endedAt: 1 }, partialFilterExpression: ENDED },
  ],
  outbox: [
    { name: 'by_key', key: { key: 1 }, unique: true },
    { name: 'due', key: { dueAt: 1 }, partialFilterExpression: { state: 'waiting' } },
    { name: 'untouched', key: { createdAt: 1 }, partialFilterExpression: { state: 'waiting', claims: 0 } },
    { name: 'deferred', key: { createdAt: -1, failures: 1 }, partialFilterExpression: { state: 'waiting', failures: { $gt: 0 } } },
    { name: 'finished', key: { state: 1, finishedAt: 1 } },
  ],
  leases: [],
};

/** Makes the indexes that are missing, by name, then looks at every one. Throws when one is not what it must be. */
export async function ensureIndexes(connection: Connection): Promise<void> {
  for (const [collection, indexes] of Object.entries(INDEXES)) {
    const present = await presentIndexes(connection, collection);
    for (const { name, key, ...options } of indexes) {
      if (!present.some((each) => each.name === name)) await connection.collection(collection).createIndex(key, { name, ...options });
    }
    const made = await presentIndexes(connection, collection);
    for (const index of indexes)
      verify(
        collection,
        index,
        made.find(({ name }) => name === index.name),
      );
  }
}

function verify(collection: string, wanted: Index, found: mongo.IndexDescriptionInfo | undefined): void {
  const same =
    found !== undefined &&
    JSON.stringify(found.key) === JSON.stringify(wanted.key) &&
    (found.unique ?? false) === (wanted.unique ?? false) &&
    JSON.stringify(found.partialFilterExpression ?? null) === JSON.stringify(wanted.partialFilterExpression ?? null);
  if (same) return;
  throw new WrongIndexError(
    `MongoDB's index ${collection}.${wanted.name} is not what it must be (${JSON.stringify(wanted)}). Drop it; the next start makes it anew.`,
  );
}

/** The database has an index of the right name and the wrong kind: a promise of the service would not hold. */
export class WrongIndexError extends Error {
  override readonly name = 'WrongIndexError';
}

async function presentIndexes(connection: Connection, collection: string): Promise<mongo.IndexDescriptionInfo[]> {
  const [exists] = (await connection.db?.listCollections({ name: collection }).toArray()) ?? [];
  return exists === undefined ? [] : connection.collection(collection).listIndexes().toArray();
}
