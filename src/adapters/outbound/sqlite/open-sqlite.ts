import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { SCHEMA_STEPS } from './schema.ts';
import { errorCode, SqliteDatabase } from './sqlite-database.ts';

const WAL_TRIES = 100;
const WAL_PAUSE_MS = 20;

export interface OpenSqlite {
  readonly database: SqliteDatabase;
  /** Whether the file answers. */
  isHealthy(): boolean;
  /** May be called twice. */
  close(): void;
}

/**
 * Opens `sallyport.db` in the folder, making both where they are missing, and brings its schema up to date.
 * WAL with `synchronous = FULL`: what a statement acknowledged is on disk. Only the service's own user may read the file.
 */
export function openSqlite(folder: string): OpenSqlite {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'sallyport.db');
  const driver = new Libsql(file);
  chmodSync(file, 0o600);

  driver.exec('PRAGMA busy_timeout = 1000');
  switchToWal(driver);
  driver.exec('PRAGMA synchronous = FULL');
  driver.exec('PRAGMA foreign_keys = ON');
  migrate(driver, file);

  const database = new SqliteDatabase(driver);
  const ping = database.prepare('SELECT count(*) AS tables FROM sqlite_schema');
  return {
    database,
    isHealthy: () => {
      try {
        return driver.open && ping.get() !== null;
      } catch {
        return false;
      }
    },
    close: () => {
      if (driver.open) driver.close();
    },
  };
}

/** SQLite heeds no timeout here: it gives up at once when another process is about to do the same, as two that start together are. */
function switchToWal(driver: Libsql.Database): void {
  for (let tries = 1; ; tries += 1) {
    try {
      driver.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (errorCode(error) !== 'SQLITE_BUSY' || tries === WAL_TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_PAUSE_MS);
    }
  }
}

/** All missing steps in one transaction, begun as a writer's, so that two processes starting at once migrate once. */
function migrate(driver: Libsql.Database, file: string): void {
  driver.exec('BEGIN IMMEDIATE');
  try {
    const version = versionOf(driver);
    if (version > SCHEMA_STEPS.length) {
      throw new Error(
        `${file} was written by a newer version (schema ${version}, this one knows ${SCHEMA_STEPS.length}). Start that version, or restore a backup.`,
      );
    }
    for (const step of SCHEMA_STEPS.slice(version)) driver.exec(step);
    driver.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}`);
    driver.exec('COMMIT');
  } catch (error) {
    driver.exec('ROLLBACK');
    driver.close();
    throw error;
  }
}

function versionOf(driver: Libsql.Database): number {
  const row = driver.prepare('PRAGMA user_version').get() as { user_version: number };
  return row.user_version;
}
