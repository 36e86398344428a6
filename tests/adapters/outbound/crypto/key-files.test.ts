import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importJwtKeys } from '#adapters/outbound/crypto/jwt-keys.ts';
import { loadOrCreateKeys } from '#adapters/outbound/crypto/key-files.ts';
import { parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'sallyport-keys-')), 'keys');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

describe('keys on disk', () => {
  it('are made on first use, for our own user alone, and are the same ever after', async () => {
    const made = await loadOrCreateKeys(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateKeys(folder)).toEqual(made);
    expect(parseTokenKeys(made.tokenKeys)).toHaveLength(1);
    expect(await importJwtKeys(made.jwtKeys)).toHaveLength(1);
  });

  it('are the same for all who start at once, and nothing else is left behind', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => loadOrCreateKeys(folder)));
    expect(new Set(made.map(({ tokenKeys }) => tokenKeys)).size).toBe(1);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('that cannot be read are never replaced', async () => {
    await loadOrCreateKeys(folder);
    const [file = ''] = readdirSync(folder);
    writeFileSync(join(folder, file), '{"tokenKeys":');
    await expect(loadOrCreateKeys(folder)).rejects.toThrow(/holds no keys\. Restore it/);
  });
});
