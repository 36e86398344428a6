import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiter, Take } from '#application/ports/rate-limiter.ts';
import type { Bucket, BucketName, BucketQuotas } from '#domain/limits.ts';

/** Counts in this process. A key lives as long as its window, and each costs its maker a request that was counted, too. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #limiters: ReadonlyMap<BucketName, RateLimiterMemory>;

  constructor(quotas: BucketQuotas) {
    const limited = Object.entries(quotas).flatMap(([name, quota]) =>
      quota === null
        ? []
        : [
            [
              name as BucketName,
              new RateLimiterMemory({ keyPrefix: name, points: quota.points, duration: quota.windowMs / 1000 }),
            ] as const,
          ],
    );
    this.#limiters = new Map(limited);
  }

  async take({ name, subject }: Bucket): Promise<Take> {
    try {
      await this.#limiters.get(name)?.consume(subject);
      return { kind: 'taken' };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { kind: 'refused', retryAfterMs: refusal.msBeforeNext };
    }
  }

  async giveBack({ name, subject }: Bucket): Promise<void> {
    const limiter = this.#limiters.get(name);
    // A reward after the window would open a new one with a point too many.
    if (limiter !== undefined && (await limiter.get(subject)) !== null) await limiter.reward(subject);
  }
}
