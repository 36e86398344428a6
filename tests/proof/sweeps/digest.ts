import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Libsql from 'libsql';

/** A look, from outside, at the database of a service that runs. */
export class DatabaseWatch {
  readonly #database: Libsql.Database;
  readonly #tables: readonly string[];

  constructor(folder: string) {
    this.#database = new Libsql(join(folder, 'data', 'sallyport.db'), { readonly: true });
    const tables = this.#database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    this.#tables = (tables as { name: string }[]).map(({ name }) => name);
  }

  /** Of every cell of every table. */
  digest(): string {
    const hash = createHash('sha256');
    for (const table of this.#tables)
      hash.update(JSON.stringify(this.#database.prepare(`SELECT * FROM "${table}" ORDER BY 1`).raw().all()));
    return hash.digest('hex');
  }

  /** Once every mail has gone where it goes. */
  async quietDigest(): Promise<string> {
    while (this.#waiting() > 0) await sleep(20);
    return this.digest();
  }

  close(): void {
    this.#database.close();
  }

  #waiting(): number {
    const row = this.#database.prepare("SELECT count(*) AS waiting FROM outbox WHERE state = 'waiting'").get() as { waiting: number };
    return row.waiting;
  }
}
