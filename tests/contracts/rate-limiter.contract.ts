import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RateLimiter, Take } from '#application/ports/rate-limiter.ts';
import { type Bucket, type BucketQuotas, bucketQuotas, type Quota } from '#domain/limits.ts';

export interface OpenRateLimiter {
  readonly limiter: RateLimiter;
  close(): Promise<void>;
}

const POINTS = 10;
const LONG_MS = 60_000;
/** The shortest that a setting can ask for. */
const SHORT_MS = 1_000;
/** Clocks of two processes, rounded to milliseconds, and a busy machine. */
const TOLERANCE_MS = 60;

/** What every RateLimiter promises. `open` returns one that has counted nothing. */
export function describeRateLimiterContract(adapter: string, open: (quotas: BucketQuotas) => Promise<OpenRateLimiter>): void {
  describe(`${adapter} keeps the contract of RateLimiter`, () => {
    let opened: OpenRateLimiter;
    const take = (bucket: Bucket) => opened.limiter.take(bucket);
    const takes = (count: number, bucket: Bucket) => Promise.all(Array.from({ length: count }, () => take(bucket)));
    const giveBacks = (count: number, bucket: Bucket) => Promise.all(Array.from({ length: count }, () => opened.limiter.giveBack(bucket)));

    beforeEach(async () => {
      opened = await open(contractQuotas());
    });

    afterEach(async () => {
      await opened.close();
    });

    it('takes exactly its quota of any number of concurrent callers', async () => {
      expect(takenOf(await takes(100, long))).toBe(POINTS);
    });

    it('says with each refusal when the window ends', async () => {
      const openedAt = performance.now();
      for (const refusal of (await takes(30, long)).filter(isRefused)) {
        const spent = performance.now() - openedAt;
        expect(refusal.retryAfterMs).toBeLessThanOrEqual(LONG_MS);
        expect(refusal.retryAfterMs).toBeGreaterThan(LONG_MS - spent - TOLERANCE_MS);
      }
      expect(isRefused(await take(long))).toBe(true);
    });

    it('closes a window by nothing but its end: neither refusals nor points given back move it', async () => {
      await takes(POINTS, short);
      const first = await windowEnd(short);
      await sleep(300);
      await takes(30, short);
      await giveBacks(1, short);
      await take(short);

      expect(Math.abs((await windowEnd(short)) - first)).toBeLessThan(TOLERANCE_MS);
    });

    it('opens a window with a full quota when the last has ended', async () => {
      await takes(100, short);
      await endOfWindow(short);

      expect(takenOf(await takes(100, short))).toBe(POINTS);
    });

    it('gives back one point, which one caller can take again', async () => {
      await takes(POINTS, long);
      await giveBacks(1, long);

      expect(takenOf(await takes(20, long))).toBe(1);
    });

    it('gives points back however many callers were refused in between', async () => {
      await takes(POINTS + 25, long);
      await giveBacks(4, long);

      expect(takenOf(await takes(20, long))).toBe(4);
    });

    it('gives nothing back where nothing was taken', async () => {
      await giveBacks(3, long);
      expect(takenOf(await takes(100, long))).toBe(POINTS);
    });

    it('never gives back more than was taken', async () => {
      await takes(2, long);
      for (let count = 0; count < 5; count += 1) await opened.limiter.giveBack(long);

      expect(takenOf(await takes(100, long))).toBe(POINTS);
    });

    it('gives nothing of an ended window to the next', async () => {
      await takes(POINTS, short);
      await endOfWindow(short);
      await giveBacks(2, short);

      expect(takenOf(await takes(100, short))).toBe(POINTS);
    });

    it('counts subjects apart', async () => {
      await takes(POINTS, { ...long, subject: 'ada@example.com 192.0.2.1' });

      for (const subject of ['ada@example.com 192.0.2.10', 'ada@example.com', '192.0.2.1', '']) {
        expect(takenOf(await takes(20, { ...long, subject }))).toBe(POINTS);
      }
    });

    it('counts buckets apart, though they count the same subject', async () => {
      await takes(POINTS, long);

      expect(takenOf(await takes(20, { ...long, name: 'login-site' }))).toBe(POINTS);
      expect(isRefused(await take(long))).toBe(true);
    });

    it('never refuses a bucket without a quota', async () => {
      const bucket: Bucket = { name: 'mail-address', subject: 'ada@example.com' };
      await giveBacks(1, bucket);

      expect(takenOf(await takes(100, bucket))).toBe(100);
    });

    /** Of a bucket that has no point left. */
    async function windowEnd(bucket: Bucket): Promise<number> {
      const answer = await take(bucket);
      if (!isRefused(answer)) throw new Error('The bucket has points left.');
      return performance.now() + answer.retryAfterMs;
    }

    async function endOfWindow(bucket: Bucket): Promise<void> {
      await sleep((await windowEnd(bucket)) - performance.now() + 5);
    }
  });
}

const long: Bucket = { name: 'login-host', subject: '192.0.2.1' };
const short: Bucket = { name: 'resend-cooldown', subject: 'ada@example.com' };

/** Every bucket has ten points a minute; the cooldown's window is short, and mails are not counted. */
export function contractQuotas(): BucketQuotas {
  const each: Quota = { points: POINTS, windowMs: LONG_MS };
  const table = bucketQuotas({
    global: each,
    register: each,
    login: each,
    loginAddress: each,
    loginDevice: each,
    confirm: each,
    resend: each,
    session: each,
    mailPerAddress: null,
  });
  return { ...table, 'login-site': each, 'resend-cooldown': { points: POINTS, windowMs: SHORT_MS } };
}

export function takenOf(takes: readonly Take[]): number {
  return takes.filter(({ kind }) => kind === 'taken').length;
}

function isRefused(take: Take): take is Extract<Take, { kind: 'refused' }> {
  return take.kind === 'refused';
}
