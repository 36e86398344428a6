import { hash } from '@node-rs/argon2';
import Libsql from 'libsql';
import { createConnection } from 'mongoose';
import { PASSWORD } from './door.ts';
import { openMongo } from '#adapters/outbound/mongo/open-mongo.ts';
import { openSqlite } from '#adapters/outbound/sqlite/open-sqlite.ts';

const BATCH = 10_000;

export interface Stock {
  readonly users?: number;
  /** Registrations that have run out, and as many that live. */
  readonly registrations?: number;
}

export interface Filling extends Stock {
  readonly progress: (text: string) => void;
}

/** The address of the nth user. */
export const emailOf = (n: number): string => `user-${n}@example.com`;

/** Past the repositories, for a million takes them too long; what is written is read back through them by the service. */
export async function fillSqlite(folder: string, { users = 0, registrations = 0, progress }: Filling): Promise<void> {
  openSqlite(folder).close();
  const database = new Libsql(`${folder}/sallyport.db`);
  database.exec('PRAGMA synchronous = OFF');
  const insert = (table: string, make: (n: number) => Record<string, unknown>, total: number) => {
    if (total === 0) return;
    const names = Object.keys(make(0));
    const statement = database.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map((name) => `:${name}`).join()})`);
    for (let from = 0; from < total; from += BATCH) {
      database.exec('BEGIN');
      for (let n = from; n < Math.min(from + BATCH, total); n += 1) statement.run(make(n));
      database.exec('COMMIT');
      if (from % (10 * BATCH) === 0) progress(`${table}: ${from} of ${total}`);
    }
  };
  const passwordHash = await passwordHashOf(PASSWORD);
  const now = Date.now();
  insert(
    'users',
    (n) => ({
      ...{ id: `user-${n}`, name: 'User', mailbox: emailOf(n), canonical: emailOf(n) },
      ...{ password_hash: passwordHash, created_at: now, last_login_at: null },
    }),
    users,
  );
  insert(
    'registrations',
    (n) => {
      const { createdAt, expiresAt } = lifeOf(n, now);
      return {
        ...{ id: idOf(n), root_id: idOf(n), name: 'Somebody', mailbox: `r-${n}@example.com`, canonical: `r-${n}@example.com` },
        ...{ password_hash: passwordHash, browser_hash: idOf(n + 1), link_key_id: 'k1', link_nonce: idOf(n), link_secret_hash: idOf(n) },
        ...{ mail: 'sent', mail_requested_at: createdAt, created_at: createdAt, ends_at: expiresAt, expires_at: expiresAt },
        ...{ ended_at: null, disowned_at: null },
      };
    },
    2 * registrations,
  );
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

export async function fillMongo(uri: string, { users = 0, registrations = 0, progress }: Filling): Promise<void> {
  // With our indexes first, as they would be.
  const opened = await openMongo({ uri, poolSize: 2, onWaiting: () => undefined, signal: new AbortController().signal });
  await opened.close();
  const connection = await createConnection(uri).asPromise();
  const insert = async (collection: string, make: (n: number) => Record<string, unknown>, total: number) => {
    for (let from = 0; from < total; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, total - from) }, (_, n) => make(from + n));
      await connection.collection(collection).insertMany(batch, { ordered: false, writeConcern: { w: 1, j: false } });
      if (from % (10 * BATCH) === 0) progress(`${collection}: ${from} of ${total}`);
    }
  };
  const passwordHash = await passwordHashOf(PASSWORD);
  const now = Date.now();
  await insert(
    'users',
    (n) => ({
      ...{ _id: `user-${n}`, name: 'User', mailbox: emailOf(n), canonical: emailOf(n) },
      ...{ passwordHash, createdAt: new Date(now), lastLoginAt: null },
    }),
    users,
  );
  await insert(
    'registrations',
    (n) => {
      const { createdAt, expiresAt } = lifeOf(n, now);
      return {
        ...{ _id: idOf(n), rootId: idOf(n), name: 'Somebody', mailbox: `r-${n}@example.com`, canonical: `r-${n}@example.com` },
        ...{ passwordHash, browserHash: idOf(n + 1), linkKeyId: 'k1', linkNonce: idOf(n), linkSecretHash: idOf(n), mail: 'sent' },
        ...{ mailRequestedAt: new Date(createdAt), createdAt: new Date(createdAt) },
        ...{ endsAt: new Date(expiresAt), expiresAt: new Date(expiresAt), endedAt: null, disownedAt: null },
      };
    },
    2 * registrations,
  );
  await connection.close();
}

/** Every other one has run out. */
function lifeOf(n: number, now: number): { createdAt: number; expiresAt: number } {
  const day = 86_400_000;
  return n % 2 === 0 ? { createdAt: now - 2 * day - n, expiresAt: now - day - n } : { createdAt: now, expiresAt: now + day };
}

/** Of the length and disorder of a real one. */
function idOf(n: number): string {
  return Buffer.from(`${(n * 2_654_435_761) % 4_294_967_296}:${n}`.padEnd(16)).toString('base64url');
}

function passwordHashOf(password: string): Promise<string> {
  return hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 });
}
