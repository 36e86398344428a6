import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 1_000;

export interface StuckClient {
  /** Whether the client that is in use gets an answer, and whether a new one would. Neither throws, both end by themselves. */
  readonly isReached: () => Promise<boolean>;
  readonly isReachable: () => Promise<boolean>;
  readonly replace: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Replaces the driver's client when it gets no answer from a MongoDB that answers a new one. Looks once a second until the signal.
 *
 * The driver (7.8) waits for ever to write to a socket that has closed and has not said so yet. A command has a signal against that; its
 * monitor has nothing, and it looks for the server in that very moment when one dies under load. It never looks again then.
 */
export async function replaceWhenStuck({ isReached, isReachable, replace, signal }: StuckClient): Promise<void> {
  while (!signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
    // The last look is for a MongoDB that came back between the first two: our client finds it by itself.
    const isStuck = !(await isReached()) && (await isReachable()) && !(await isReached());
    if (isStuck && !signal.aborted) await replace().catch(() => undefined);
  }
}
