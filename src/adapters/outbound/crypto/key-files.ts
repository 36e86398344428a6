import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeys, type KeyTexts } from './generate-keys.ts';
import { parseJwks } from './jwt-keys.ts';
import { parseTokenKeys } from './token-keys.ts';

const FILE = 'keys.json';

/**
 * The keys in a folder, made there on first use; only the service's own user may read them.
 * Written aside and linked into place: whoever comes second finds the first one's keys, and nobody ever reads half a file.
 */
export async function loadOrCreateKeys(folder: string): Promise<KeyTexts> {
  const file = join(folder, FILE);
  const existing = await readKeys(file);
  if (existing !== null) return existing;

  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = join(folder, `.${randomUUID()}`);
  await writeFile(aside, JSON.stringify(await generateKeys()), { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(aside, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(aside);
  }
  return readMadeKeys(file);
}

async function readMadeKeys(file: string): Promise<KeyTexts> {
  const made = await readKeys(file);
  if (made === null) throw new Error(`${file} vanished while the service started.`);
  return made;
}

async function readKeys(file: string): Promise<KeyTexts | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (text === null) return null;
  const keys = parse(text);
  if (keys === null)
    throw new Error(`${file} holds no keys. Restore it from a backup, or remove it: every session and mailed link ends then.`);
  return keys;
}

function parse(text: string): KeyTexts | null {
  try {
    const { tokenKeys, jwtKeys }: Record<string, unknown> = { ...JSON.parse(text) };
    if (typeof tokenKeys !== 'string' || typeof jwtKeys !== 'string') return null;
    parseTokenKeys(tokenKeys);
    parseJwks(jwtKeys);
    return { tokenKeys, jwtKeys };
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
