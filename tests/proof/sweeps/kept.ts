import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import Libsql from 'libsql';
import { createConnection } from 'mongoose';

/** Everything that a store keeps: each text and each run of bytes, in lists and documents down to the last one, names included. */
export class Kept {
  readonly texts = new Set<string>();
  /** The texts by the row, document or key that they belong to. */
  readonly records: (readonly string[])[] = [];
  readonly #bytes: Buffer[] = [];

  addRecord(record: unknown): void {
    const own = new Kept();
    own.add(record);
    this.records.push([...own.texts]);
    this.add(record);
  }

  /** Any value that a driver answers. */
  add(value: unknown): void {
    if (typeof value === 'string') this.#addText(value);
    else if (value instanceof Uint8Array) this.addBytes(Buffer.from(value));
    else if (value instanceof Date) this.#addText(value.toISOString());
    else if (typeof value === 'number' || typeof value === 'bigint') this.#addText(String(value));
    else if (Array.isArray(value)) for (const part of value) this.add(part);
    else if (isBinary(value)) this.addBytes(Buffer.from(value.buffer));
    else if (typeof value === 'object' && value !== null) for (const pair of Object.entries(value)) this.add(pair);
  }

  /** A file or a value that is no text; searched, but no source of guesses. */
  addBytes(bytes: Buffer): void {
    this.#bytes.push(bytes);
    this.texts.add(bytes.subarray(0, 64).toString('base64url'));
  }

  addFile(bytes: Buffer): void {
    this.#bytes.push(bytes);
  }

  has(form: Buffer | string): boolean {
    return this.#bytes.some((bytes) => bytes.includes(form)) || [...this.texts].some((text) => text.includes(form.toString()));
  }

  #addText(text: string): void {
    if (text === '' || this.texts.has(text)) return;
    this.texts.add(text);
    this.#bytes.push(Buffer.from(text));
    if (/^[[{]/.test(text)) this.add(JSON.parse(text));
  }
}

function isBinary(value: unknown): value is { buffer: Uint8Array } {
  return typeof value === 'object' && value !== null && 'buffer' in value && value.buffer instanceof Uint8Array;
}

/** Every cell of every table, and the files themselves: what was deleted may still be in them. */
export async function keptInSqlite(folder: string): Promise<Kept> {
  const kept = await filesOf(folder);
  const database = new Libsql(join(folder, 'sallyport.db'), { readonly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
  for (const { name } of tables) for (const row of database.prepare(`SELECT * FROM "${name}"`).all()) kept.addRecord(row);
  database.close();
  return kept;
}

/** The bytes alone, also while somebody has the database open. */
export async function filesOf(folder: string): Promise<Kept> {
  const kept = new Kept();
  const files = (await readdir(folder)).filter((name) => name.startsWith('sallyport.db'));
  for (const name of files) kept.addFile(await readFile(join(folder, name)));
  return kept;
}

/** Every document of every collection of a database. */
export async function keptInMongo(uri: string): Promise<Kept> {
  const kept = new Kept();
  const connection = await createConnection(uri).asPromise();
  for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
    kept.add(name);
    for await (const document of connection.collection(name).find()) kept.addRecord(document);
  }
  await connection.close();
  return kept;
}

/** Every key of a server with its value, as the server itself would move it to another. */
export async function keptInRedis(url: string): Promise<Kept> {
  const kept = new Kept();
  const redis = new Redis(url);
  for (const key of await redis.keysBuffer('*')) {
    kept.addFile((await redis.dumpBuffer(key)) ?? Buffer.alloc(0));
    kept.addRecord([key.toString(), (await redis.type(key)) === 'string' ? await redis.get(key) : '']);
  }
  redis.disconnect();
  return kept;
}
