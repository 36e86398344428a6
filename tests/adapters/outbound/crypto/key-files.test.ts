import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

  it('are the same for all processes that start at once', { timeout: 30_000 }, async () => {
    const script = `
      import { loadOrCreateKeys } from '#adapters/outbound/crypto/key-files.ts';
      console.log(JSON.stringify(await loadOrCreateKeys(process.argv[1])));`;
    const start = () => promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, folder]);
    const printed = await Promise.all([start(), start(), start()]);
    expect(new Set(printed.map(({ stdout }) => stdout)).size).toBe(1);
    expect(JSON.parse(printed[0]?.stdout ?? '')).toEqual(await loadOrCreateKeys(folder));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it.each([
    ['nothing', () => ''],
    ['half a file', (text: string) => text.slice(0, text.length / 2)],
    ['no keys', () => 'null'],
    ['token keys that are none', (text: string) => text.replace(/"tokenKeys":"[^"]+"/, '"tokenKeys":"k1:canary"')],
    ['JWT keys that are none', (text: string) => text.replace(/"jwtKeys":"[^"]+"/, '"jwtKeys":"canary"')],
  ])('are never replaced when their file holds %s: it is named, and nothing of it shown', async (_, spoil) => {
    const { tokenKeys } = await loadOrCreateKeys(folder);
    const [name = ''] = readdirSync(folder);
    const file = join(folder, name);
    const spoilt = spoil(readFileSync(file, 'utf8'));
    writeFileSync(file, spoilt);

    const refused = await loadOrCreateKeys(folder).catch((error: unknown) => String(error));
    expect(refused).toContain(`${file} holds no keys. Restore it`);
    expect(refused).not.toContain('canary');
    expect(refused).not.toContain(tokenKeys.slice(0, 20));
    expect(readFileSync(file, 'utf8')).toBe(spoilt);
  });
});
