import { Unavailable } from '#application/unavailable.ts';

/**
 * How many hashes may run at once: they run on the thread pool that files, names and signatures need too,
 * so two of its threads always stay free. At least one, also for a pool whose size is no number.
 */
export function gateSize({ cores, threadPoolSize }: { cores: number; threadPoolSize: number }): number {
  return Number.isInteger(threadPoolSize) ? Math.max(1, Math.min(cores, threadPoolSize - 2)) : 1;
}

export interface HashGateLimits {
  readonly concurrency: number;
  readonly queueLength: number;
  readonly waitMs: number;
}

/** Lets so many through at once; the rest queue, in order, and are turned away when the queue is full or the wait too long. */
export class HashGate {
  readonly #limits: HashGateLimits;
  readonly #queue = new Set<() => void>();
  #running = 0;

  constructor(limits: HashGateLimits) {
    this.#limits = limits;
  }

  /** Runs the work when there is a place. The place is held until the work settles, whoever still waits for it. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#limits.concurrency) {
      this.#running += 1;
      return;
    }
    if (this.#queue.size >= this.#limits.queueLength) throw new Unavailable('Too many passwords wait to be hashed.');

    await new Promise<void>((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#queue.delete(admit);
        reject(new Unavailable('A password waited too long to be hashed.'));
      }, this.#limits.waitMs);
      this.#queue.add(admit);
    });
  }

  /** Hands the place on without giving it up, so that nobody slips in between. */
  #leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
