import { hash as nativeHash } from '@node-rs/argon2';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { describePasswordHasherContract } from '../../../contracts/password-hasher.contract.ts';
import { argon2ParameterProblem } from '#adapters/outbound/crypto/argon2-parameters.ts';
import { openArgon2PasswordHasher } from '#adapters/outbound/crypto/argon2-password-hasher.ts';
import { HashGate } from '#adapters/outbound/crypto/hash-gate.ts';
import { MemoryPasswordHasher } from '#adapters/outbound/memory/memory-password-hasher.ts';
import { Unavailable } from '#application/unavailable.ts';
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
      genuine.replace('argon2id', 'argon2d'),
      genuine.replace('m=256', 'm=7'),
      genuine.replace('m=256', 'm=0256'),
      genuine.replace('t=2', 't=0'),
      genuine.replace('p=1', 'p=255'),
      withSalt(genuine, 'A'.repeat(21)),
      withSalt(genuine, 'A'.repeat(25)),
      withSalt(genuine, `${'A'.repeat(21)}B`),
      withSalt(genuine, 'A'.repeat(66)),
      `${genuine}=`,
      `${genuine.slice(0, -1)}B`,
      `${genuine}\n`,
      ` ${genuine}`,
      genuine + genuine,
      `${genuine}${'A'.repeat(1_000_000)}`,
    ];
    const before = process.memoryUsage.rss();
    for (const hash of stored) expect(await hasher.verify(hash as PasswordHash, 'p')).toEqual({ matches: false, outdated: false });
    expect(onUnusableHash).toHaveBeenCalledTimes(stored.length);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('fails no sign-in with an error, whatever became of the stored hash', async () => {
    const hasher = await open();
    const genuine = await hasher.hash('p');
    const damage = fc.record({ at: fc.nat(genuine.length), drop: fc.nat(3), put: fc.stringMatching(/^[$=,a-zA-Z0-9+/]{0,3}$/) });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, drop, put }) => {
        const damaged = genuine.slice(0, at) + put + genuine.slice(at + drop);
        expect((await hasher.verify(damaged as PasswordHash, 'p')).matches).toBe(damaged === genuine);
      }),
      { numRuns: 300 },
    );
  });

  it('works as hard for an unknown address and a spoilt hash as for a known one', async () => {
    const hasher = await open({ memoryKib: 4_096, iterations: 3 });
    const known = await hasher.hash('p');
    const weak = await (await open({ memoryKib: 64, iterations: 1 })).hash('p');
    const cost = await costs({
      known: () => hasher.verify(known, 'wrong'),
      unknown: () => hasher.verify(null, 'wrong'),
      spoilt: () => hasher.verify('spoilt' as PasswordHash, 'wrong'),
      // Shows that the measure would notice.
      weak: () => hasher.verify(weak, 'wrong'),
    });
    expect(cost.unknown / cost.known).toBeGreaterThan(0.7);
    expect(cost.unknown / cost.known).toBeLessThan(1.4);
    expect(cost.spoilt / cost.known).toBeGreaterThan(0.7);
    expect(cost.spoilt / cost.known).toBeLessThan(1.4);
    expect(cost.weak / cost.known).toBeLessThan(0.5);
  });

  it('goes through the gate with everything, and past a full one with nothing', async () => {
    const narrow = new HashGate({ concurrency: 1, queueLength: 0, waitMs: 1_000 });
    const hasher = await openArgon2PasswordHasher({ gate: narrow, parameters: LIGHT, onUnusableHash: () => undefined });
    const known = await hasher.hash('p');
    let free = () => {};
    const busy = narrow.through(
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
        }),
    );
    await expect(hasher.hash('p')).rejects.toThrow(Unavailable);
    for (const stored of [known, null, 'spoilt' as PasswordHash]) await expect(hasher.verify(stored, 'p')).rejects.toThrow(Unavailable);
    free();
    await busy;
    expect(await hasher.verify(known, 'p')).toEqual({ matches: true, outdated: false });
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

function withSalt(phc: string, salt: string): string {
  const parts = phc.split('$');
  parts[4] = salt;
  return parts.join('$');
}

/** The median of what each costs in microseconds of the processor, which other processes disturb less than the clock. */
async function costs<K extends string>(acts: Record<K, () => Promise<unknown>>): Promise<Record<K, number>> {
  const names = Object.keys(acts) as K[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < 25; round += 1) {
    for (const name of names) {
      const before = process.cpuUsage();
      await acts[name]();
      const { user, system } = process.cpuUsage(before);
      measured[name].push(user + system);
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return Object.fromEntries(names.map((name) => [name, median(measured[name])])) as Record<K, number>;
}
