export interface RedisBreakerDeps {
  /** Settles within a deadline of its own; asks of Redis what the calls ask of it. */
  readonly probe: () => Promise<unknown>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Keeps calls away from a Redis that does not answer. A hung Redis looks connected, so each call would wait for its deadline;
 * while the breaker is open, nobody calls but its own probe, one at a time and on no request's path.
 */
export class RedisBreaker {
  readonly #deps: RedisBreakerDeps;
  /** Open until the first probe: a start must not wait for Redis. */
  #failures = FAILURES_TO_OPEN;
  #probing = false;

  constructor(deps: RedisBreakerDeps) {
    this.#deps = deps;
  }

  get isOpen(): boolean {
    return this.#failures >= FAILURES_TO_OPEN;
  }

  /** Runs a call and counts how it went. */
  async guard<T>(call: () => Promise<T>): Promise<T> {
    const startedAt = this.#deps.now();
    try {
      const answer = await call();
      this.#failures = 0;
      return answer;
    } catch (error) {
      // One request takes up to seven points in a row: it would pay for three deadlines, so one that was waited for is enough.
      const waited = this.#deps.now() - startedAt >= SLOW_MS;
      this.#failures += waited ? FAILURES_TO_OPEN : 1;
      // A hiccup is over at once, and then so is the insurance, whose counts the others don't see.
      if (this.isOpen) void this.probe();
      throw error;
    }
  }

  /** To be called every second, without traffic too: the state is honest even when nobody signs in. */
  async probe(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    await this.guard(this.#deps.probe).catch(() => {
      // Counted; the next probe asks again.
    });
    this.#probing = false;
  }
}

const FAILURES_TO_OPEN = 3;
const SLOW_MS = 100;
