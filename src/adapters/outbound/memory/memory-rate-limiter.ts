import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiter, Take } from '#application/ports/rate-limiter.ts';
import type { Bucket, BucketName, BucketQuotas } from '#domain/limits.ts';

/**
 * Counts in this process, at most `maxSubjects` subjects a bucket: one more, and the window opened longest ago is forgotten.
 * A stranger can make keys (addresses, links) as fast as requests, so memory needs a bound. Each bucket has its own, so that
 * a flood of the narrow ones, counted first, cannot make the wide ones forget.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #counters: ReadonlyMap<BucketName, BoundedCounter>;

  constructor(quotas: BucketQuotas, { maxSubjects = 50_000 }: { maxSubjects?: number } = {}) {
    const counted = Object.entries(quotas).flatMap(([name, quota]) => {
      if (quota === null) return [];
      const limiter = new RateLimiterMemory({ keyPrefix: name, points: quota.points, duration: quota.windowMs / 1000 });
      return [[name as BucketName, new BoundedCounter(limiter, maxSubjects)] as const];
    });
    this.#counters = new Map(counted);
  }

  async take({ name, subject }: Bucket): Promise<Take> {
    return (await this.#counters.get(name)?.take(subject)) ?? { kind: 'taken' };
  }

  async giveBack({ name, subject }: Bucket): Promise<void> {
    await this.#counters.get(name)?.giveBack(subject);
  }
}

class BoundedCounter {
  readonly #limiter: RateLimiterMemory;
  readonly #maxSubjects: number;
  /** In the order in which their windows opened. Those whose window has ended stay until they are the oldest. */
  readonly #opened = new Set<string>();

  constructor(limiter: RateLimiterMemory, maxSubjects: number) {
    this.#limiter = limiter;
    this.#maxSubjects = maxSubjects;
  }

  async take(subject: string): Promise<Take> {
    try {
      const taken = await this.#limiter.consume(subject);
      if (taken.isFirstInDuration) await this.#remember(subject);
      return { kind: 'taken' };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      // The library counts refused takes, too; left so, a point given back would fill that hole and free nothing.
      await this.giveBack(subject);
      return { kind: 'refused', retryAfterMs: refusal.msBeforeNext };
    }
  }

  /** The library's reward would open a window with a point too many where none is open, and go below nothing. */
  async giveBack(subject: string): Promise<void> {
    const counter = await this.#limiter.get(subject);
    if (counter !== null && counter.msBeforeNext > 0 && counter.consumedPoints > 0) await this.#limiter.reward(subject);
  }

  async #remember(subject: string): Promise<void> {
    this.#opened.delete(subject);
    this.#opened.add(subject);
    if (this.#opened.size <= this.#maxSubjects) return;

    const [oldest = subject] = this.#opened;
    this.#opened.delete(oldest);
    await this.#limiter.delete(oldest);
  }
}
