import type { Bucket } from '#domain/limits.ts';
import { err, type Result } from '#domain/result.ts';
import type { Client } from './client.ts';
import type { RateLimiter } from './ports/rate-limiter.ts';
import type { SecurityLog } from './ports/security-log.ts';
import { Unavailable } from './unavailable.ts';

export interface TooManyRequests {
  readonly code: 'too-many-requests';
  readonly retryAfterMs: number;
}

export interface LimitDeps {
  readonly limiter: RateLimiter;
  readonly securityLog: SecurityLog;
}

/**
 * Does the work once every bucket has given a point, taken in order and stopping at the first refusal.
 * Points are taken before the work, never counted after it: guesses made at once would all see the same count.
 * Work that ends in Unavailable gives every point back, for it told nobody anything.
 */
export async function withinLimits<T, E>(
  { limiter, securityLog }: LimitDeps,
  buckets: readonly Bucket[],
  client: Client,
  work: () => Promise<Result<T, E>>,
): Promise<Result<T, E | TooManyRequests>> {
  for (const bucket of buckets) {
    const take = await limiter.take(bucket);
    if (take.kind === 'refused') {
      securityLog.record({ event: 'excess_rate_limit_exceeded', bucket: bucket.name }, client);
      return err({ code: 'too-many-requests', retryAfterMs: take.retryAfterMs });
    }
  }
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unavailable) await giveBack(limiter, buckets);
    throw error;
  }
}

export async function giveBack(limiter: RateLimiter, buckets: readonly Bucket[]): Promise<void> {
  await Promise.all(buckets.map((bucket) => limiter.giveBack(bucket)));
}
