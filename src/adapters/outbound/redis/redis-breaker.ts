/**
 * Keeps calls away from a Redis that does not answer. A hung Redis looks connected, so each call would wait for its deadline;
 * after three failures in a row nobody calls until a heartbeat of its own has been answered.
 */
export class RedisBreaker {
  readonly #ping: () => Promise<unknown>;
  readonly #timer: NodeJS.Timeout;
  #failures: number;
  #beating = false;

  constructor({ ping, everyMs }: { ping: () => Promise<unknown>; everyMs: number }) {
    this.#ping = ping;
    // Open until the first heartbeat: a start must not wait for Redis.
    this.#failures = FAILURES_TO_OPEN;
    this.#timer = setInterval(() => void this.beat(), everyMs);
    this.#timer.unref();
  }

  get isOpen(): boolean {
    return this.#failures >= FAILURES_TO_OPEN;
  }

  /** Runs a call and counts how it went. */
  async guard<T>(call: () => Promise<T>): Promise<T> {
    try {
      const answer = await call();
      this.#failures = 0;
      return answer;
    } catch (error) {
      this.#failures += 1;
      throw error;
    }
  }

  /** One at a time, without traffic too, so that the state is honest when nobody signs in. */
  async beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    await this.guard(this.#ping).catch(() => {
      // Counted; the next beat asks again.
    });
    this.#beating = false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

const FAILURES_TO_OPEN = 3;
