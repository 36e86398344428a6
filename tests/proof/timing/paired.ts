/** What a paired comparison of two classes says. Times in milliseconds. */
export interface Comparison {
  readonly pairs: number;
  /** Of the slower class. */
  readonly medianMs: number;
  /** Of the differences within the pairs. */
  readonly medianDifferenceMs: number;
  /** Wilcoxon's signed-rank statistic, normal for many pairs: how sure it is that one class is slower. */
  readonly z: number;
}

const SURE = 4.5;

/** Samples that were taken one right after the other, so that what disturbs the one disturbs the other. */
export type Pair = readonly [first: number, second: number];

export function compare(pairs: readonly Pair[]): Comparison {
  const differences = pairs.map(([first, second]) => first - second);
  return {
    pairs: pairs.length,
    medianMs: Math.max(median(pairs.map(([first]) => first)), median(pairs.map(([, second]) => second))),
    medianDifferenceMs: median(differences),
    z: signedRankZ(differences),
  };
}

/** Whether the two look alike: not surely different, and not by more than 1 ms or a twentieth. */
export function isAlike({ z, medianMs, medianDifferenceMs }: Comparison): boolean {
  return Math.abs(z) < SURE && Math.abs(medianDifferenceMs) < Math.max(1, medianMs / 20);
}

/** Whether this many pairs would have shown a difference: it is sure of one. */
export function isTold({ z }: Comparison): boolean {
  return Math.abs(z) >= SURE;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Zeros are left out, equal sizes share the mean of their ranks. */
function signedRankZ(differences: readonly number[]): number {
  const sorted = differences.filter((difference) => difference !== 0).toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const count = sorted.length;
  let positive = 0;
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && Math.abs(sorted[end] ?? 0) === Math.abs(sorted[start] ?? 0)) end += 1;
    const rank = (start + 1 + end) / 2;
    for (const difference of sorted.slice(start, end)) if (difference > 0) positive += rank;
    start = end;
  }
  const mean = (count * (count + 1)) / 4;
  const deviation = Math.sqrt((count * (count + 1) * (2 * count + 1)) / 24);
  return count === 0 ? 0 : (positive - mean) / deviation;
}
