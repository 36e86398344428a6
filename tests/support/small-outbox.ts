import { MemoryOutbox } from '#adapters/outbound/memory/memory-outbox.ts';
import type { NewOutboxMessage } from '#domain/outbox-message.ts';

/** An outbox that is full sooner than the real one, for whom a capacity is asked at all. */
export class SmallOutbox extends MemoryOutbox {
  readonly #capacity: number;

  constructor(capacity: number) {
    super();
    this.#capacity = capacity;
  }

  override add(message: NewOutboxMessage, limits?: { capacity: number }): Promise<'added' | 'already-there' | 'full'> {
    return super.add(message, limits && { capacity: this.#capacity });
  }
}
