import type { Bucket } from '#domain/limits.ts';

export type Take = { readonly kind: 'taken' } | { readonly kind: 'refused'; readonly retryAfterMs: number };

/** Counts points in fixed windows; a window opens with its first point, and nothing but its end closes it. */
export interface RateLimiter {
  /**
   * Takes one point of the bucket in one atomic step: of any number of concurrent callers no more than its quota are `taken` in a window.
   * A refusal says when the window ends. A bucket without a quota is never refused. Answers even when its store is gone.
   */
  take(bucket: Bucket): Promise<Take>;

  /** Gives one point back, within the window in which it was taken. The window's end does not move. Never throws. */
  giveBack(bucket: Bucket): Promise<void>;
}
