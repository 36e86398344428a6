import { type Connection, type Model, type QueryFilter, Schema, type SchemaDefinition, trusted } from 'mongoose';
import { isAnswerLost, isDuplicateKey, isUndone, toUnavailable } from './failures.ts';
import { refuseAccidentalMatches } from './filter-guard.ts';
import { Unavailable } from '#application/unavailable.ts';

/** For a command and its repetition together. Longer than the driver's own deadlines, which do not hold for every state of a frozen server. */
const DEADLINE_MS = 2_000;

/** What the driver is asked, not yet sent: a query of mongoose. */
export interface Command<T> {
  setOptions(options: { signal: AbortSignal }): unknown;
  exec(): Promise<T>;
}

/**
 * A connection, and the one way to call it: within a deadline, and with errors that say whether it is worth trying later.
 *
 * A command goes out once more when the primary steps down or the connection breaks. The driver does that by itself only where the server
 * knows sessions, and for reads only with a budget that nobody waits for. Any command may be repeated that the server refused to begin;
 * one whose answer was lost only if doing it twice leaves the same data and gives a true answer. The rest is told as Unavailable.
 */
export class MongoDatabase {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** A collection's model. Only what the definition names goes in; a query for anything else throws, as does one that would match by accident. */
  model<T extends { _id: string }>(collection: string, definition: SchemaDefinition): Model<T> {
    const schema = new Schema(definition, { collection, versionKey: false, autoIndex: false, strict: 'throw', strictQuery: 'throw' });
    const nullable = new Set<string>();
    schema.eachPath((name, { options }) => options.default === null && nullable.add(name));
    schema.pre(/^(find|update|replace|delete|count|distinct)/, function guard(this: { getFilter(): unknown }) {
      refuseAccidentalMatches(this.getFilter(), nullable);
    });
    return this.connection.model(collection, schema) as unknown as Model<T>;
  }

  /** Runs a command. Throws Unavailable, with the cause, for what may pass; a write may have been done then. */
  call<T>(command: () => Command<T>): Promise<T> {
    return this.#run((signal) => within(signal, command()), isUndone);
  }

  /** Runs a read, or a write that may be done twice; it is told whether it is the second try. Throws as `call` does. */
  callRepeatable<T>(command: (isSecondTry: boolean) => Command<T>): Promise<T> {
    return this.#run((signal, isSecondTry) => within(signal, command(isSecondTry)), isUndoneOrLost);
  }

  /** Whether the primary answers. */
  async ping(): Promise<boolean> {
    const pong = await this.#run(async (signal) => this.connection.db?.command({ ping: 1 }, { signal }), isUndone);
    return pong?.ok === 1;
  }

  /** Inserts a record whose maker may be told only once that it is theirs. Throws as `call` does, and the driver's duplicate error. */
  async insertOnce<T>(model: Model<T>, record: T): Promise<void> {
    await this.#run((signal) => insert(model, record, signal), isUndone);
  }

  /**
   * Inserts a record under an id that nobody else makes up, so that one with this id and time is the same record.
   * `kept-before` when an earlier call has inserted it. Throws the driver's duplicate error when another record has a unique value of it.
   */
  async insert<T extends { _id: string; createdAt: Date }>(model: Model<T>, record: T): Promise<'inserted' | 'kept-before'> {
    let isRepeated = false;
    try {
      await this.#run((signal, isSecondTry) => {
        isRepeated = isSecondTry;
        return insert(model, record, signal);
      }, isUndoneOrLost);
      return 'inserted';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const kept = await this.callRepeatable(() => model.findOne({ _id: record._id }).lean<T>());
      if (kept?.createdAt.getTime() !== record.createdAt.getTime()) throw error;
      return isRepeated ? 'inserted' : 'kept-before';
    }
  }

  /**
   * Deletes at most `limit` of what the rule matches, the oldest first where that matters, and answers how many went.
   * The rule is part of the delete, for what was found may have changed. Each is deleted by its id: left to choose, the planner walks
   * everything that the rule matches once for every batch.
   */
  async remove<T extends { _id: string }>(
    model: Model<T>,
    rule: QueryFilter<T>,
    { limit, sort = {} }: { limit: number; sort?: Record<string, 1 | -1> },
  ): Promise<number> {
    if (limit <= 0) return 0;
    const found = await this.callRepeatable(() => model.find(rule, { _id: 1 }).sort(sort).limit(limit).lean<{ _id: string }[]>());
    if (found.length === 0) return 0;
    const these = { ...rule, _id: trusted({ $in: found.map(({ _id }) => _id) }) } as QueryFilter<T>;
    return (await this.call(() => model.deleteMany(these, { hint: { _id: 1 } }))).deletedCount;
  }

  async #run<T>(command: (signal: AbortSignal, isSecondTry: boolean) => Promise<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(new Unavailable('MongoDB did not answer in time.')), DEADLINE_MS);
    const late = new Promise<never>((_, reject) => {
      deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason));
    });
    const answer = twice(
      (isSecondTry) => command(deadline.signal, isSecondTry),
      (error) => mayRepeat(error) && !deadline.signal.aborted,
    );
    // When the deadline comes first, nobody waits for the answer any more.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw toUnavailable(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * The signal ends the command in the driver too. A command that is written to a connection in the moment of its closing would otherwise
 * wait for ever for the socket to drain, and keep its place in the pool: a few such moments, and the pool is spent.
 */
function within<T>(signal: AbortSignal, command: Command<T>): Promise<T> {
  command.setOptions({ signal });
  return command.exec();
}

/** By way of the native collection: mongoose's own insert takes no signal. */
async function insert<T>(model: Model<T>, record: T, signal: AbortSignal): Promise<void> {
  const document = new model(record);
  await document.validate();
  await model.collection.insertOne(document.toObject() as never, { signal } as never);
}

function isUndoneOrLost(error: unknown): boolean {
  return isUndone(error) || isAnswerLost(error);
}

async function twice<T>(command: (isSecondTry: boolean) => Promise<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
  try {
    return await command(false);
  } catch (error) {
    if (!mayRepeat(error)) throw error;
    return command(true);
  }
}
