import { MemoryRateLimiter } from '#adapters/outbound/memory/memory-rate-limiter.ts';
import type { RateLimiter, Take } from '#application/ports/rate-limiter.ts';
import type { Bucket, BucketName, BucketQuotas } from '#domain/limits.ts';

/** The limiter in this process, with a book of what was taken from it and given back. */
export class LimiterLedger implements RateLimiter {
  readonly #quotas: BucketQuotas;
  #limiter: RateLimiter;
  #entries: { readonly bucket: Bucket; readonly points: number }[] = [];

  constructor(quotas: BucketQuotas) {
    this.#quotas = quotas;
    this.#limiter = new MemoryRateLimiter(quotas);
  }

  /** Points taken and not given back since the book was opened, by bucket; those with none are left out. */
  get spent(): Partial<Record<BucketName, number>> {
    const spent: Partial<Record<BucketName, number>> = {};
    for (const { bucket, points } of this.#entries) spent[bucket.name] = (spent[bucket.name] ?? 0) + points;
    return Object.fromEntries(Object.entries(spent).filter(([, points]) => points !== 0));
  }

  /** The buckets that gave a point since the book was opened, in order. */
  get taken(): BucketName[] {
    return this.#entries.filter(({ points }) => points > 0).map(({ bucket }) => bucket.name);
  }

  openBook(): void {
    this.#entries = [];
  }

  /** Every window is over: the limiter in this process goes by the machine's clock, which no test moves. */
  closeWindows(): void {
    this.#limiter = new MemoryRateLimiter(this.#quotas);
  }

  async take(bucket: Bucket): Promise<Take> {
    const take = await this.#limiter.take(bucket);
    if (take.kind === 'taken') this.#entries.push({ bucket, points: 1 });
    return take;
  }

  async giveBack(bucket: Bucket): Promise<void> {
    await this.#limiter.giveBack(bucket);
    this.#entries.push({ bucket, points: -1 });
  }
}
