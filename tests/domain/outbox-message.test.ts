import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '#domain/outbox-message.ts';

describe('the wait after a failure', () => {
  it('doubles from a second to five minutes', () => {
    const waits = Array.from({ length: 12 }, (_, index) => retryDelayMs(index + 1, 0) / 1_000);

    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  it('is shorter by chance, by half at most', () => {
    expect(retryDelayMs(4, 0)).toBe(8_000);
    expect(retryDelayMs(4, 0.5)).toBe(6_000);
    expect(retryDelayMs(4, 1)).toBe(4_000);
  });

  it('stays within its bounds however often it failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const wait = retryDelayMs(failures, random);
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(500);
        expect(wait).toBeLessThanOrEqual(300_000);
      }),
    );
  });
});
