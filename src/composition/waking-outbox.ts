import type { Outbox } from '#application/ports/outbox.ts';

/** Tells this process's dispatcher of a new message at once; the other instances find it at their next look. */
export class WakingOutbox implements Outbox {
  readonly #outbox: Outbox;
  readonly #wake: () => void;

  constructor(outbox: Outbox, wake: () => void) {
    this.#outbox = outbox;
    this.#wake = wake;
  }

  async add(...parameters: Parameters<Outbox['add']>): ReturnType<Outbox['add']> {
    const added = await this.#outbox.add(...parameters);
    if (added === 'added') this.#wake();
    return added;
  }

  claim(claim: Parameters<Outbox['claim']>[0]): ReturnType<Outbox['claim']> {
    return this.#outbox.claim(claim);
  }

  settle(settlement: Parameters<Outbox['settle']>[0]): ReturnType<Outbox['settle']> {
    return this.#outbox.settle(settlement);
  }

  sweep(sweep: Parameters<Outbox['sweep']>[0]): ReturnType<Outbox['sweep']> {
    return this.#outbox.sweep(sweep);
  }
}
