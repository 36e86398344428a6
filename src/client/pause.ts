import { retryAfterMs } from './errors.ts';

/** A time in which the server is not asked again. Whoever asks meanwhile gets the error that began it. */
export interface Pause {
  readonly until: number;
  readonly error: unknown;
  readonly failures: number;
  /** Asked for by the server, so that a network that is back does not end it. */
  readonly byServer: boolean;
}

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/** The server's own wish if it has one, else twice as long each time, with jitter: tabs and clients shall not come back in step. */
export function nextPause(previous: Pause | null, error: unknown, now: number): Pause {
  const failures = (previous?.failures ?? 0) + 1;
  const asked = retryAfterMs(error);
  const backoff = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) * (0.5 + Math.random() / 2);
  return { until: now + Math.max(asked ?? 0, backoff), error, failures, byServer: asked !== null };
}
