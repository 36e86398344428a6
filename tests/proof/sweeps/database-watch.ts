import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Libsql from 'libsql';
import { eventually } from '../../support/service.ts';

/** A look, from outside, at the database of a service that runs. */
export class DatabaseWatch {
  readonly #database: Libsql.Database;
  readonly #tables: readonly string[];
  #last = '';

  constructor(folder: string) {
    this.#database = new Libsql(join(folder, 'data', 'sallyport.db'), { readonly: true });
    const tables = this.#database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    this.#tables = (tables as { name: string }[]).map(({ name }) => name);
  }

  /** Once every mail has gone where it goes: from now on nothing may change. */
  async settle(): Promise<void> {
    await eventually(
      () => Promise.resolve(this.#waiting()),
      (waiting) => waiting === 0,
    );
    this.#last = this.#digest();
  }

  /** Whether any cell of any table has changed since this was last asked. */
  hasChanged(): boolean {
    const last = this.#last;
    this.#last = this.#digest();
    return this.#last !== last;
  }

  close(): void {
    this.#database.close();
  }

  #digest(): string {
    const hash = createHash('sha256');
    for (const table of this.#tables)
      hash.update(JSON.stringify(this.#database.prepare(`SELECT * FROM "${table}" ORDER BY 1`).raw().all()));
    return hash.digest('hex');
  }

  #waiting(): number {
    const row = this.#database.prepare("SELECT count(*) AS waiting FROM outbox WHERE state = 'waiting'").get() as { waiting: number };
    return row.waiting;
  }
}
