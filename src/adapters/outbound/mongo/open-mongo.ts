import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mongoose';
import { isPassing } from './failures.ts';
import { ensureIndexes } from './indexes.ts';
import { MongoDatabase } from './mongo-database.ts';
import { replaceWhenStuck } from './replace-when-stuck.ts';

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
  /** Told when a client that gets no answer is replaced, for a new one does. */
  readonly onReplacing?: (() => void) | undefined;
  /** Gives up waiting. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 1_000;
const ANSWER_MS = 1_500;
/** An index on many documents takes its time. */
const INDEX_MS = 60_000;

/** Connects and sees to the indexes, waiting for as long as MongoDB is not there. Throws for what waiting does not mend. */
export async function openMongo({ uri, poolSize, onWaiting, onReplacing, signal }: OpenMongoSettings): Promise<OpenMongo> {
  for (;;) {
    try {
      await connected(uri, optionsOf(1, INDEX_MS), signal, async (connection) => {
        await ensureIndexes(connection);
        await connection.close();
      });
      const options = optionsOf(poolSize, ANSWER_MS);
      return await connected(uri, options, signal, async (connection) => toOpenMongo(connection, { uri, options, onReplacing }));
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      onWaiting();
      await sleep(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Connects for a use of it; closes it when that fails or is given up. */
async function connected<T>(
  uri: string,
  options: ReturnType<typeof optionsOf>,
  signal: AbortSignal,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const connection = createConnection();
  const abandon = () => connection.close(true).catch(() => undefined);
  signal.addEventListener('abort', abandon, { once: true });
  try {
    await connection.openUri(uri, options);
    return await use(connection);
  } catch (error) {
    await abandon();
    throw error;
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

/** A frozen server ends every call by the socket's deadline; the driver's `timeoutMS` and its retries of reads would not. */
function optionsOf(poolSize: number, answerMs: number) {
  return {
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    sanitizeFilter: true,
    maxPoolSize: poolSize,
    connectTimeoutMS: 1_000,
    socketTimeoutMS: answerMs,
    serverSelectionTimeoutMS: 1_000,
    waitQueueTimeoutMS: 1_000,
    heartbeatFrequencyMS: 1_000,
    minHeartbeatFrequencyMS: 100,
    retryReads: false,
    readPreference: 'primary' as const,
    writeConcern: { w: 'majority' as const, journal: true, wtimeoutMS: answerMs },
  };
}

interface Reopening {
  readonly uri: string;
  readonly options: ReturnType<typeof optionsOf>;
  readonly onReplacing?: (() => void) | undefined;
}

function toOpenMongo(connection: Connection, { uri, options, onReplacing }: Reopening): OpenMongo {
  const database = new MongoDatabase(connection);
  const closing = new AbortController();
  const isHealthy = () => database.ping().catch(() => false);
  const watching = replaceWhenStuck({
    isReached: isHealthy,
    isReachable: () =>
      connected(uri, optionsOf(1, ANSWER_MS), closing.signal, (fresh) => fresh.close()).then(
        () => true,
        () => false,
      ),
    replace: async () => {
      onReplacing?.();
      // Not by force, for mongoose would refuse every call of a connection that was once closed so.
      await connection.close();
      await connection.openUri(uri, options);
    },
    signal: closing.signal,
  });
  return {
    database,
    isHealthy,
    close: async () => {
      closing.abort();
      await watching;
      await connection.close(true);
    },
  };
}
