import { ContainerModule } from 'inversify';
import type { Outbox } from '#application/ports/outbox.ts';
import { MongoLease } from '#adapters/outbound/mongo/mongo-lease.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoRegistrationRepository } from '#adapters/outbound/mongo/mongo-registration-repository.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import { MongoUserRepository } from '#adapters/outbound/mongo/mongo-user-repository.ts';
import { type OpenMongo, type OpenMongoSettings, openMongo } from '#adapters/outbound/mongo/open-mongo.ts';
import { type OpenSqlite, openSqlite } from '#adapters/outbound/sqlite/open-sqlite.ts';
import { SqliteLease } from '#adapters/outbound/sqlite/sqlite-lease.ts';
import { SqliteOutbox } from '#adapters/outbound/sqlite/sqlite-outbox.ts';
import { SqliteRegistrationRepository } from '#adapters/outbound/sqlite/sqlite-registration-repository.ts';
import { SqliteSessionRepository } from '#adapters/outbound/sqlite/sqlite-session-repository.ts';
import { SqliteUserRepository } from '#adapters/outbound/sqlite/sqlite-user-repository.ts';
import type { Config } from './config.ts';
import { tokens as T } from './tokens.ts';

/** The open database. */
export type Store = ({ readonly kind: 'sqlite' } & OpenSqlite) | ({ readonly kind: 'mongo' } & OpenMongo);

/** Opens the chosen database. Waits for a MongoDB that is not there yet, telling `onWaiting` of each try, until `signal`; tells `onReplacing` of a client that it replaces. */
export async function openStore(
  config: Config['persistence'],
  { signal, ...told }: Pick<OpenMongoSettings, 'onWaiting' | 'onReplacing' | 'signal'>,
): Promise<Store> {
  switch (config.kind) {
    case 'sqlite':
      return { kind: 'sqlite', ...openSqlite(config.folder) };
    case 'mongo':
      return { kind: 'mongo', ...(await openMongo({ uri: config.uri, poolSize: config.poolSize, ...told, signal })) };
  }
}

/** Binds the repositories of the open database; the outbox wakes this process's dispatcher. */
export function persistenceModule(store: Store, wrapOutbox: (outbox: Outbox) => Outbox): ContainerModule {
  return new ContainerModule(({ bind }) => {
    switch (store.kind) {
      case 'sqlite': {
        const { database } = store;
        bind(T.registrations).toConstantValue(new SqliteRegistrationRepository(database));
        bind(T.users).toConstantValue(new SqliteUserRepository(database));
        bind(T.sessions).toConstantValue(new SqliteSessionRepository(database));
        bind(T.outbox).toConstantValue(wrapOutbox(new SqliteOutbox(database)));
        bind(T.lease).toConstantValue(new SqliteLease(database));
        return;
      }
      case 'mongo': {
        const { database } = store;
        bind(T.registrations).toConstantValue(new MongoRegistrationRepository(database));
        bind(T.users).toConstantValue(new MongoUserRepository(database));
        bind(T.sessions).toConstantValue(new MongoSessionRepository(database));
        bind(T.outbox).toConstantValue(wrapOutbox(new MongoOutbox(database)));
        bind(T.lease).toConstantValue(new MongoLease(database));
        return;
      }
    }
  });
}
