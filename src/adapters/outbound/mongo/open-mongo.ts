import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mongoose';
import { ensureIndexes } from './indexes.ts';
import { isPassing, MongoDatabase } from './mongo-database.ts';

export interface OpenMongo {
  readonly database: MongoDatabase;
  /** Whether the primary answers, within the deadline of every call. */
  isHealthy(): Promise<boolean>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface OpenMongoSettings {
  readonly uri: string;
  readonly poolSize: number;
  /** Told of each failed try while MongoDB is not there. */
  readonly onWaiting: () => void;
  /** Gives up waiting. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 1_000;

/** Connects and sees to the indexes, waiting for as long as MongoDB is not there. Throws for what waiting does not mend. */
export async function openMongo({ uri, poolSize, onWaiting, signal }: OpenMongoSettings): Promise<OpenMongo> {
  for (;;) {
    signal.throwIfAborted();
    const connection = createConnection();
    try {
      await connection.openUri(uri, optionsOf(poolSize));
      await ensureIndexes(connection);
      return toOpenMongo(connection);
    } catch (error) {
      await connection.close(true).catch(() => undefined);
      if (!isPassing(error)) throw error;
      onWaiting();
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/** A frozen server ends every call by the socket's deadline; the driver's `timeoutMS` and its retries of reads would not. */
function optionsOf(poolSize: number) {
  return {
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    maxPoolSize: poolSize,
    connectTimeoutMS: 1_000,
    socketTimeoutMS: 1_500,
    serverSelectionTimeoutMS: 1_000,
    waitQueueTimeoutMS: 1_000,
    heartbeatFrequencyMS: 1_000,
    minHeartbeatFrequencyMS: 100,
    retryReads: false,
    readPreference: 'primary' as const,
    writeConcern: { w: 'majority' as const, journal: true, wtimeoutMS: 1_500 },
  };
}

function toOpenMongo(connection: Connection): OpenMongo {
  const database = new MongoDatabase(connection);
  return {
    database,
    isHealthy: () =>
      database
        .call(async () => connection.db?.command({ ping: 1 }))
        .then(
          (pong) => pong?.['ok'] === 1,
          () => false,
        ),
    close: () => connection.close(true),
  };
}
