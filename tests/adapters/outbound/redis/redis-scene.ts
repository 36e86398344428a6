import { createHash, randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { MemoryRateLimiter } from '#adapters/outbound/memory/memory-rate-limiter.ts';
import { type OpenRedis, openRedis } from '#adapters/outbound/redis/open-redis.ts';
import { RedisRateLimiter } from '#adapters/outbound/redis/redis-rate-limiter.ts';
import type { BucketQuotas } from '#domain/limits.ts';
import { contractQuotas } from '../../../contracts/rate-limiter.contract.ts';

/** Of the run's own Redis; `null` where there is none. */
export const redisUrl = inject('redisUrl');

export interface LimiterScene extends OpenRedis {
  readonly limiter: RedisRateLimiter;
  readonly keyPrefix: string;
  readonly errors: readonly Error[];
}

/** One instance's limiter. Without `keyPrefix`, it counts by itself. */
export async function openLimiter(
  url: string,
  { quotas = contractQuotas(), keyPrefix = `test-${randomUUID()}:` }: { quotas?: BucketQuotas; keyPrefix?: string } = {},
): Promise<LimiterScene> {
  const errors: Error[] = [];
  const opened = await openRedis(url, { keyPrefix, onError: (error) => errors.push(error), now: () => performance.now() });
  const limiter = new RedisRateLimiter({
    ...opened,
    quotas,
    keyPrefix,
    hashSubject: (subject) => createHash('sha256').update(subject).digest('base64url'),
    insurance: new MemoryRateLimiter(quotas),
  });
  return { ...opened, limiter, keyPrefix, errors };
}
