import { expect, it } from 'vitest';
import { compare, isAlike, isTold, type Pair } from './paired.ts';

/** Noise that is the same every time, with a tail as timings have it. */
function noise(n: number): number {
  const unit = (Math.imul(n + 1, 2_654_435_761) >>> 0) / 2 ** 32;
  return 20 - Math.log(1 - unit);
}
const pairs = (shift: number): Pair[] => Array.from({ length: 200 }, (_, n) => [noise(2 * n) + shift, noise(2 * n + 1)]);

it('calls noise alike', () => {
  expect(isAlike(compare(pairs(0)))).toBe(true);
});

it('is sure of a millisecond and a half in twenty, and of the sign', () => {
  expect(compare(pairs(1.5)).z).toBeGreaterThan(4.5);
  expect(compare(pairs(-1.5)).z).toBeLessThan(-4.5);
  expect(isTold(compare(pairs(1.5)))).toBe(true);
});

it('counts as the textbook does', () => {
  // Ranks of |d| = 1, 2, 3, 4, 4, 6: 1, 2, 3, 4.5, 4.5, 6; the positive ones sum to 17.5, the mean is 10.5, the deviation 4.7697.
  const differences = [1, -2, 3, 4, -4, 6];
  const { z } = compare(differences.map((difference) => [difference, 0]));
  expect(z).toBeCloseTo((1 + 3 + 4.5 + 6 - 10.5) / Math.sqrt((6 * 7 * 13) / 24), 10);
});
