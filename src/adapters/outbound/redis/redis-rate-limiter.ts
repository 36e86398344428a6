import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RedisBreaker } from './redis-breaker.ts';
import type { RateLimiter, Take } from '#application/ports/rate-limiter.ts';
import type { Bucket, BucketName, BucketQuotas } from '#domain/limits.ts';

export interface RedisRateLimiterDeps {
  readonly redis: Redis;
  readonly breaker: RedisBreaker;
  readonly quotas: BucketQuotas;
  readonly keyPrefix: string;
  /** Addresses and IPs stand in no key: subjects go through this first. */
  readonly hashSubject: (subject: string) => string;
  /** Counts, with the same points for this instance alone, while Redis does not answer. */
  readonly insurance: RateLimiter;
}

// The library's own reward would open a window with a point too many where none is open. And it counts refused takes, too:
// left so, a point given back would fill that hole and free nothing. DECRBY leaves the window's end where it is.
const GIVE_BACK = `
local counted = tonumber(redis.call('get', KEYS[1]) or '0')
local refused = math.max(counted - tonumber(ARGV[1]), 0)
if counted > 0 then redis.call('decrby', KEYS[1], refused + 1) end`;

/** Counts in Redis, shared by all instances. No request fails or hangs because of Redis: the insurance counts instead. */
export class RedisRateLimiter implements RateLimiter {
  readonly #deps: RedisRateLimiterDeps;
  readonly #limiters: ReadonlyMap<BucketName, RateLimiterRedis>;

  constructor(deps: RedisRateLimiterDeps) {
    this.#deps = deps;
    const limited = Object.entries(deps.quotas).flatMap(([name, quota]) => {
      if (quota === null) return [];
      const { points, windowMs } = quota;
      const keyPrefix = `${deps.keyPrefix}${name}`;
      const limiter = new RateLimiterRedis({
        storeClient: deps.redis,
        keyPrefix,
        points,
        duration: windowMs / 1000,
        rejectIfRedisNotReady: true,
      });
      return [[name as BucketName, limiter] as const];
    });
    this.#limiters = new Map(limited);
  }

  async take(bucket: Bucket): Promise<Take> {
    const { breaker, insurance, hashSubject } = this.#deps;
    const limiter = this.#limiters.get(bucket.name);
    if (limiter === undefined) return { kind: 'taken' };
    if (breaker.isOpen) return insurance.take(bucket);

    try {
      return await breaker.guard(() => consume(limiter, hashSubject(bucket.subject)));
    } catch {
      // Whatever Redis could not do, the insurance counts; the breaker has counted the failure.
      return insurance.take(bucket);
    }
  }

  async giveBack(bucket: Bucket): Promise<void> {
    const { redis, breaker, insurance, hashSubject } = this.#deps;
    const limiter = this.#limiters.get(bucket.name);
    if (limiter === undefined) return;
    if (breaker.isOpen) return insurance.giveBack(bucket);
    const key = limiter.getKey(hashSubject(bucket.subject));
    await breaker.guard(() => redis.eval(GIVE_BACK, 1, key, limiter.points)).catch(() => insurance.giveBack(bucket));
  }
}

/** The library rejects with its result when the points are spent, and with an Error when the store failed. */
async function consume(limiter: RateLimiterRedis, subject: string): Promise<Take> {
  try {
    await limiter.consume(subject);
    return { kind: 'taken' };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return { kind: 'refused', retryAfterMs: refusal.msBeforeNext };
  }
}
