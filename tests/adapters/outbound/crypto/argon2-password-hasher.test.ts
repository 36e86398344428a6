import { hash as nativeHash } from '@node-rs/argon2';
import { describe, expect, it, vi } from 'vitest';
import { describePasswordHasherContract } from '../../../contracts/password-hasher.contract.ts';
import { argon2ParameterProblem } from '#adapters/outbound/crypto/argon2-parameters.ts';
import { openArgon2PasswordHasher } from '#adapters/outbound/crypto/argon2-password-hasher.ts';
import { HashGate } from '#adapters/outbound/crypto/hash-gate.ts';
import { MemoryPasswordHasher } from '#adapters/outbound/memory/memory-password-hasher.ts';
import type { PasswordHash } from '#domain/ids.ts';

const gate = new HashGate({ concurrency: 2, queueLength: 1_000, waitMs: 10_000 });
// The library's enum is const, which cannot be imported file by file.
const ARGON2I = 1;
const LIGHT = { memoryKib: 256, iterations: 2 };

function open(parameters = LIGHT, onUnusableHash = () => undefined as unknown) {
  return openArgon2PasswordHasher({ gate, parameters, onUnusableHash: () => void onUnusableHash() });
}

describePasswordHasherContract('argon2id', async () => ({ today: await open(), yesterday: await open({ memoryKib: 128, iterations: 1 }) }));
describePasswordHasherContract('memory', async () => ({
  today: new MemoryPasswordHasher({ version: 2 }),
  yesterday: new MemoryPasswordHasher(),
}));

describe('argon2id', () => {
  it('writes its parameters, 16 bytes of salt and 32 of hash into a PHC string', async () => {
    const hasher = await open({ memoryKib: 19_456, iterations: 2 });
    expect(await hasher.hash('a quiet lighthouse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  });

  it('upgrades by memory and by iterations, and calls nothing outdated that is stronger', async () => {
    const hasher = await open({ memoryKib: 512, iterations: 3 });
    for (const weaker of [
      { memoryKib: 256, iterations: 3 },
      { memoryKib: 512, iterations: 2 },
    ]) {
      const old = await (await open(weaker)).hash('p');
      expect(await hasher.verify(old, 'p')).toEqual({ matches: true, outdated: true });
    }
    const strong = await (await open({ memoryKib: 1_024, iterations: 4 })).hash('p');
    expect(await hasher.verify(strong, 'p')).toEqual({ matches: true, outdated: false });
  });

  it('hands no malformed, foreign or oversized hash to the native code, and tells of each', async () => {
    const onUnusableHash = vi.fn();
    const hasher = await open(LIGHT, onUnusableHash);
    const genuine = await hasher.hash('p');
    const stored = [
      '',
      'plain text',
      '$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234',
      genuine.slice(0, -5),
      await nativeHash('p', { algorithm: ARGON2I, memoryCost: 256, timeCost: 2 }),
      genuine.replace('m=256', 'm=4294967295'),
      genuine.replace('t=2', 't=4000'),
      genuine.replace('v=19', 'v=16'),
    ];
    const before = process.memoryUsage.rss();
    for (const hash of stored) expect(await hasher.verify(hash as PasswordHash, 'p')).toEqual({ matches: false, outdated: false });
    expect(onUnusableHash).toHaveBeenCalledTimes(stored.length);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });

  it.each([
    [{ memoryKib: 19_456, iterations: 2 }, null],
    [{ memoryKib: 47_104, iterations: 1 }, null],
    [{ memoryKib: 12_288, iterations: 3 }, null],
    [{ memoryKib: 19_455, iterations: 2 }, 'weak'],
    [{ memoryKib: 47_103, iterations: 1 }, 'weak'],
    [{ memoryKib: 12_287, iterations: 9 }, 'weak'],
    [{ memoryKib: 2_000_000, iterations: 2 }, 'above'],
    [{ memoryKib: 19_456, iterations: 21 }, 'above'],
  ])('has a floor and a ceiling: %j', (parameters, word) => {
    const problem = argon2ParameterProblem(parameters);
    if (word === null) expect(problem).toBeNull();
    else expect(problem).toContain(word);
  });
});
