import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { databaseOn, openTestMongo } from '../../support/test-mongo.ts';
import { startSqliteProcesses } from './sqlite-processes.ts';
import { MemoryOutbox } from '#adapters/outbound/memory/memory-outbox.ts';
import { MemoryRegistrationRepository } from '#adapters/outbound/memory/memory-registration-repository.ts';
import { MemorySessionRepository } from '#adapters/outbound/memory/memory-session-repository.ts';
import { MemoryUserRepository } from '#adapters/outbound/memory/memory-user-repository.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoRegistrationRepository } from '#adapters/outbound/mongo/mongo-registration-repository.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import { MongoUserRepository } from '#adapters/outbound/mongo/mongo-user-repository.ts';
import type { Outbox } from '#application/ports/outbox.ts';
import type { RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { SessionRepository } from '#application/ports/session-repository.ts';
import type { UserRepository } from '#application/ports/user-repository.ts';

/** All that is kept, in one place. */
export interface Store {
  readonly registrations: RegistrationRepository;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly outbox: Outbox;
}

interface Place {
  /** The store, emptied. */
  empty(): Promise<Store>;
  close(): Promise<unknown>;
}

export type StoreKind = 'memory' | 'sqlite' | 'mongo' | 'mongoSet';

const PLACES: Readonly<Record<StoreKind, { readonly name: string; readonly isMissing: boolean; readonly open: () => Promise<Place> }>> = {
  memory: { name: 'memory', isMissing: false, open: openMemory },
  sqlite: { name: 'SQLite, two processes on one file', isMissing: false, open: openSqliteFile },
  mongo: { name: 'MongoDB, standalone', isMissing: inject('mongoUri') === null, open: () => openMongoAt(inject('mongoUri')) },
  mongoSet: {
    name: 'MongoDB, a set of three',
    isMissing: inject('replicaSetUri') === null,
    open: () => openMongoAt(inject('replicaSetUri')),
  },
};

/** Declares the same tests over every store; `empty` gives it emptied. */
export function overEveryStore(declare: (empty: () => Promise<Store>, kind: StoreKind) => void): void {
  for (const [kind, { name, isMissing, open }] of Object.entries(PLACES)) {
    describe.skipIf(isMissing)(name, () => {
      let place: Place | null = null;
      beforeAll(async () => {
        place = await open();
      });
      afterAll(() => place?.close());
      declare(() => place?.empty() ?? Promise.reject(new Error('The store is not open.')), kind as StoreKind);
    });
  }
}

/** A new store in this process each time it is emptied. */
export async function openMemory(): Promise<Place> {
  return {
    empty: async () => ({
      registrations: new MemoryRegistrationRepository(),
      users: new MemoryUserRepository(),
      sessions: new MemorySessionRepository(),
      outbox: new MemoryOutbox(),
    }),
    close: async () => undefined,
  };
}

/** Within one process SQLite's calls never overlap; between two they do. */
async function openSqliteFile(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-races-'));
  const processes = await startSqliteProcesses(folder, 2);
  const store: Store = {
    registrations: processes.port('registrations'),
    users: processes.port('users'),
    sessions: processes.port('sessions'),
    outbox: processes.port('outbox'),
  };
  return {
    empty: () => processes.empty().then(() => store),
    close: () => processes.stop().then(() => rm(folder, { recursive: true })),
  };
}

async function openMongoAt(uri: string | null): Promise<Place> {
  const { database, close } = await openTestMongo(databaseOn(uri));
  const store: Store = {
    registrations: new MongoRegistrationRepository(database),
    users: new MongoUserRepository(database),
    sessions: new MongoSessionRepository(database),
    outbox: new MongoOutbox(database),
  };
  const collections = ['registrations', 'users', 'sessions', 'outbox'].map((name) => database.connection.collection(name));
  return {
    empty: () => Promise.all(collections.map((each) => each.deleteMany({}))).then(() => store),
    close: () => database.connection.dropDatabase().then(close),
  };
}
