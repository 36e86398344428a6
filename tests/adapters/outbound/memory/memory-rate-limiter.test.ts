import { describe, expect, it } from 'vitest';
import { MemoryRateLimiter } from '#adapters/outbound/memory/memory-rate-limiter.ts';
import type { BucketName } from '#domain/limits.ts';
import { contractQuotas, describeRateLimiterContract } from '../../../contracts/rate-limiter.contract.ts';

describeRateLimiterContract('MemoryRateLimiter', async (quotas) => ({ limiter: new MemoryRateLimiter(quotas), close: async () => {} }));

describe('MemoryRateLimiter with a bound of three subjects', () => {
  const open = () => {
    const limiter = new MemoryRateLimiter(contractQuotas(), { maxSubjects: 3 });
    const take = (subject: string, name: BucketName = 'login-host') => limiter.take({ name, subject });
    const spend = async (subject: string, name: BucketName = 'login-host') => {
      for (let count = 0; count < 10; count += 1) await take(subject, name);
    };
    return { take, spend };
  };

  it('remembers three at their limit', async () => {
    const { take, spend } = open();
    for (const subject of ['a', 'b', 'c']) await spend(subject);

    for (const subject of ['a', 'b', 'c']) expect(await take(subject)).toMatchObject({ kind: 'refused' });
  });

  it('forgets the window that was opened longest ago, and no other', async () => {
    const { take, spend } = open();
    for (const subject of ['a', 'b', 'c']) await spend(subject);
    await take('a');
    await take('d');

    expect(await take('b')).toMatchObject({ kind: 'refused' });
    expect(await take('c')).toMatchObject({ kind: 'refused' });
    expect(await take('a')).toEqual({ kind: 'taken' });
  });

  it('lets a flood of one bucket touch no other bucket', async () => {
    const { take, spend } = open();
    await spend('192.0.2.1', 'login-host');
    for (let count = 0; count < 100; count += 1) await take(`${count}@example.com 192.0.2.1`, 'login-address-host');

    expect(await take('192.0.2.1', 'login-host')).toMatchObject({ kind: 'refused' });
  });
});
