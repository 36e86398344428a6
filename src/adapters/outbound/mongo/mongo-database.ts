import { type Connection, type Model, mongo, Schema, type SchemaDefinition } from 'mongoose';
import { Unavailable } from '#application/unavailable.ts';

/** Longer than the driver's own deadlines, which do not hold for every state of a frozen server. */
const DEADLINE_MS = 2_000;

/** Not the primary: the server did nothing, so the same write may go to the new primary. */
const NOT_PRIMARY_CODE = 10_107;

/** Interrupted, stepping down, shutting down, or the majority did not confirm in time: it may or may not have been done. */
const PASSING_CODES = [6, 7, 50, 64, 89, 91, 189, 9001, 11_600, 11_602, 13_435, 13_436];

/** The driver's ways to say that no connection could be had; what broke on the way is a MongoNetworkError, and no server a MongoSystemError. */
const PASSING_ERRORS = [
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongooseServerSelectionError',
];

/** A connection, and the one way to call it: within a deadline, and with errors that say whether it is worth trying later. */
export class MongoDatabase {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** A collection's model. Only what the definition names goes in; a query for anything else throws, as does one for `undefined`. */
  model<T extends { _id: string }>(collection: string, definition: SchemaDefinition): Model<T> {
    const schema = new Schema(definition, { collection, versionKey: false, autoIndex: false, strict: 'throw', strictQuery: 'throw' });
    // The driver would send `undefined` as null, which matches every document without the field.
    schema.pre(/^(find|update|delete|count)/, function refuseUndefined(this: { getFilter(): Record<string, unknown> }) {
      const missing = Object.entries(this.getFilter()).find(([, value]) => value === undefined);
      if (missing !== undefined) throw new TypeError(`A query for an undefined ${missing[0]} would match what lacks it.`);
    });
    return this.connection.model(collection, schema) as unknown as Model<T>;
  }

  /** Runs a command. Throws Unavailable, with the cause, for what may pass; the write may have been done then. */
  async call<T>(command: () => PromiseLike<T>): Promise<T> {
    try {
      return await withinDeadline(command);
    } catch (error) {
      if (codeOf(error) !== NOT_PRIMARY_CODE) throw toUnavailable(error);
    }
    try {
      return await withinDeadline(command);
    } catch (error) {
      throw toUnavailable(error);
    }
  }
}

export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === 11_000;
}

export function isPassing(error: unknown): boolean {
  if (error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoSystemError) return true;
  if (!(error instanceof Error)) return false;
  return PASSING_ERRORS.includes(error.name) || PASSING_CODES.includes(codeOf(error)) || codeOf(error) === NOT_PRIMARY_CODE;
}

function toUnavailable(error: unknown): unknown {
  return isPassing(error) ? new Unavailable('MongoDB cannot be used now.', { cause: error }) : error;
}

function codeOf(error: unknown): number {
  return error instanceof mongo.MongoServerError && typeof error.code === 'number' ? error.code : 0;
}

async function withinDeadline<T>(command: () => PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unavailable('MongoDB did not answer in time.')), DEADLINE_MS);
  });
  const answer = Promise.resolve(command());
  // Whichever comes second has nobody waiting for it.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
