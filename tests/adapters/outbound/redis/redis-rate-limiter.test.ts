import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bucket } from '#domain/limits.ts';
import { describeRateLimiterContract, takenOf } from '../../../contracts/rate-limiter.contract.ts';
import { openLimiter, redisUrl } from './redis-scene.ts';

const NOBODY = 'redis://127.0.0.1:1';
const BUCKET: Bucket = { name: 'login-address-host', subject: 'ada.lovelace@example.com 203.0.113.77' };

describeRateLimiterContract('RedisRateLimiter without Redis', async (quotas) => {
  const { limiter, close } = await openLimiter(NOBODY, { quotas });
  return { limiter, close: async () => close() };
});

describe.skipIf(redisUrl === null)('with a Redis', () => {
  const url = redisUrl ?? NOBODY;

  describeRateLimiterContract('RedisRateLimiter', async (quotas) => {
    const { limiter, breaker, close } = await openLimiter(url, { quotas });
    if (breaker.isOpen) throw new Error('Counts by its insurance, which proves nothing of Redis.');
    return { limiter, close: async () => close() };
  });

  describe('RedisRateLimiter', () => {
    let first: Awaited<ReturnType<typeof openLimiter>>;
    let second: Awaited<ReturnType<typeof openLimiter>>;

    beforeAll(async () => {
      first = await openLimiter(url);
      second = await openLimiter(url, { keyPrefix: first.keyPrefix });
    });

    afterAll(() => {
      first.close();
      second.close();
    });

    it('shares one count among instances', async () => {
      const shared: Bucket = { name: 'login-host', subject: 'shared' };
      const takes = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? first : second).limiter.take(shared));

      expect(takenOf(await Promise.all(takes))).toBe(10);
    });

    it('writes neither an address nor an IP into Redis, and nothing that stays', async () => {
      await first.limiter.take(BUCKET);
      await first.limiter.giveBack(BUCKET);
      const keys = await first.redis.keys(`${first.keyPrefix}*`);

      expect(keys.some((key) => key.startsWith(`${first.keyPrefix}${BUCKET.name}:`))).toBe(true);
      for (const key of keys) {
        expect(key).not.toMatch(/ada|lovelace|example|@|203\.0/i);
        expect(await first.redis.pttl(key)).toBeGreaterThan(0);
      }
    });

    it('counts on in Redis when it has forgotten its scripts', async () => {
      const bucket: Bucket = { name: 'login-host', subject: 'forgotten scripts' };
      const before = await Promise.all(Array.from({ length: 5 }, () => first.limiter.take(bucket)));
      await first.redis.script('FLUSH');
      const after = await Promise.all(Array.from({ length: 20 }, () => first.limiter.take(bucket)));

      expect(takenOf([...before, ...after])).toBe(10);
      expect(await second.limiter.take(bucket)).toMatchObject({ kind: 'refused' });
    });

    it('keeps a key of another kind from failing a request', async () => {
      const bucket: Bucket = { name: 'confirm-link', subject: 'of another kind' };
      await first.limiter.take(bucket);
      const [key = ''] = await first.redis.keys(`${first.keyPrefix}${bucket.name}:*`);
      await first.redis.del(key);
      await first.redis.pipeline().lpush(key, 'a').pexpire(key, 60_000).exec();

      await expect(first.limiter.giveBack(bucket)).resolves.toBeUndefined();
      expect((await first.limiter.take(bucket)).kind).toBe('taken');
    });
  });
});
