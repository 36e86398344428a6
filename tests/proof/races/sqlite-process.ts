// One process of several on the same SQLite file: does what it is told to the ports. The folder is its one argument.
import { openSqlite } from '#adapters/outbound/sqlite/open-sqlite.ts';
import { SqliteOutbox } from '#adapters/outbound/sqlite/sqlite-outbox.ts';
import { SqliteRegistrationRepository } from '#adapters/outbound/sqlite/sqlite-registration-repository.ts';
import { SqliteSessionRepository } from '#adapters/outbound/sqlite/sqlite-session-repository.ts';
import { SqliteUserRepository } from '#adapters/outbound/sqlite/sqlite-user-repository.ts';

export interface Call {
  readonly id: number;
  readonly port: string;
  readonly method: string;
  readonly given: readonly unknown[];
}

export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

const [, , folder = ''] = process.argv;
const { database } = openSqlite(folder);
const tables = ['registrations', 'users', 'sessions', 'outbox'].map((table) => database.prepare(`DELETE FROM ${table}`));

const ports: Readonly<Record<string, object>> = {
  registrations: new SqliteRegistrationRepository(database),
  users: new SqliteUserRepository(database),
  sessions: new SqliteSessionRepository(database),
  outbox: new SqliteOutbox(database),
  tables: { empty: () => tables.map((table) => table.run()) },
};

process.on('message', async ({ id, port, method, given }: Call) => {
  const target = ports[port] ?? {};
  try {
    process.send?.({ id, value: await Reflect.get(target, method).apply(target, given) } satisfies Reply);
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? `${error.stack}; ${error.cause}` : String(error) } satisfies Reply);
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
