import type { SqliteDatabase, SqliteQuery } from './sqlite-database.ts';
import type { Lease } from '#application/ports/lease.ts';

/** Leases in SQLite. */
export class SqliteLease implements Lease {
  readonly #acquire: SqliteQuery;
  readonly #release: SqliteQuery;

  constructor(database: SqliteDatabase) {
    this.#acquire = database.prepare(`
      INSERT INTO leases (name, owner, expires_at) VALUES (:name, :owner, :until)
      ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
      WHERE owner = excluded.owner OR expires_at <= :now`);
    this.#release = database.prepare('DELETE FROM leases WHERE name = :name AND owner = :owner');
  }

  async acquire({ name, owner, now, ttlMs }: { name: string; owner: string; now: Date; ttlMs: number }): Promise<boolean> {
    return this.#acquire.run({ name, owner, now: now.getTime(), until: now.getTime() + ttlMs }) === 1;
  }

  async release({ name, owner }: { name: string; owner: string }): Promise<void> {
    this.#release.run({ name, owner });
  }
}
