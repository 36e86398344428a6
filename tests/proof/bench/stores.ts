import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { fillMongo, fillSqlite, type Filling } from './stock.ts';
import { temporaryFolder } from '../../support/service.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';

/** A filled store, and what a service needs to be told to use it. */
export interface FilledStore {
  readonly kind: 'SQLite' | 'MongoDB';
  readonly env: Readonly<Record<string, string>>;
  /** SQLite: the folder with the file. MongoDB: the address. */
  readonly at: string;
  close(): Promise<void>;
}

/** Whether a MongoDB can be had; the parts that need one say so when they leave it out. */
export const hasMongo = process.env.MONGOMS_SYSTEM_BINARY !== undefined || process.env.SALLYPORT_TEST_MONGODB === 'download';

async function sqliteWith(filling: Filling): Promise<FilledStore> {
  const folder = await temporaryFolder();
  await fillSqlite(folder, filling);
  return { kind: 'SQLite', env: { DATA_DIR: folder }, at: folder, close: async () => undefined };
}

async function mongoWith(filling: Filling): Promise<FilledStore> {
  const server = await MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
  const at = `${server.getUri()}door`;
  await fillMongo(at, filling);
  const { tokenKeys, jwtKeys } = await generateKeys();
  const env = { MONGODB_URI: at, TOKEN_KEYS: tokenKeys, JWT_KEYS: jwtKeys };
  const close = async () => {
    await server.stop();
  };
  return { kind: 'MongoDB', env, at, close };
}

/** Those that this machine can have. */
export const makers = hasMongo ? [sqliteWith, mongoWith] : [sqliteWith];
