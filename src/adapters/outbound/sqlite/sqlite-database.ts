import type Libsql from 'libsql';
import { Unavailable } from '#application/unavailable.ts';

/** A value that a column holds: times are milliseconds, STRICT tables hold nothing else. */
export type SqliteValue = string | number | null;
export type SqliteRow = Readonly<Record<string, SqliteValue>>;
type Parameters = Readonly<Record<string, SqliteValue>>;

/** A prepared statement; parameters by name. Throws Unavailable when another process holds the file for too long. */
export interface SqliteQuery {
  /** The first row, or `null`. */
  get(parameters?: Parameters): SqliteRow | null;
  /** How many rows it changed. */
  run(parameters?: Parameters): number;
}

/** A thin face over the driver: one place that knows its errors. */
export class SqliteDatabase {
  readonly #driver: Libsql.Database;

  constructor(driver: Libsql.Database) {
    this.#driver = driver;
  }

  prepare(sql: string): SqliteQuery {
    const statement = this.#driver.prepare<[Parameters]>(sql);
    return {
      get: (parameters = {}) => attempt(() => (statement.get(parameters) as SqliteRow | undefined) ?? null),
      run: (parameters = {}) => attempt(() => statement.run(parameters).changes),
    };
  }

  /**
   * A statement that does not wait for the disk: the next write that does takes it along. For what may be lost in a crash
   * as long as nothing that came after it is kept.
   */
  prepareLazy(sql: string): Pick<SqliteQuery, 'run'> {
    const { run } = this.prepare(sql);
    return {
      run: (parameters) => {
        this.#driver.exec('PRAGMA synchronous = NORMAL');
        try {
          return run(parameters);
        } finally {
          this.#driver.exec('PRAGMA synchronous = FULL');
        }
      },
    };
  }
}

const BUSY_CODES = ['SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_CANTOPEN'];

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = errorCode(error);
    if (BUSY_CODES.some((busy) => code.startsWith(busy))) throw new Unavailable('The database file cannot be used now.', { cause: error });
    throw error;
  }
}

/** The driver's code, such as SQLITE_CONSTRAINT_UNIQUE; empty for what is no driver's error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function toDate(value: SqliteValue | undefined): Date {
  if (typeof value !== 'number') throw new TypeError('The database holds no time where one belongs.');
  return new Date(value);
}

export function toDateOrNull(value: SqliteValue | undefined): Date | null {
  return value === null ? null : toDate(value);
}

export function toText(value: SqliteValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('The database holds no text where some belongs.');
  return value;
}

export function toNumber(value: SqliteValue | undefined): number {
  if (typeof value !== 'number') throw new TypeError('The database holds no number where one belongs.');
  return value;
}
