import type { MessageId } from '#domain/ids.ts';
import type { MessageOutcome, NewOutboxMessage, OutboxMessage } from '#domain/outbox-message.ts';

/** Keeps what is to be mailed until it is. What `add` acknowledged survives a crash. */
export interface Outbox {
  /**
   * Writes an intent, due at once. Atomic by its key.
   *
   * - `already-there`: a message with this key is kept, in whatever state. Nothing changes.
   * - `full`: `capacity` messages wait that nobody has taken up yet. Nothing changes. Without a capacity never.
   */
  add(message: NewOutboxMessage, limits?: { capacity: number }): Promise<'added' | 'already-there' | 'full'>;

  /**
   * Takes the message that has been due longest, for `leaseMs`: of any number of concurrent callers exactly one gets it.
   * `null` when none is due. A message whose lease has run out (at that very instant) is due again. Counts as a claim.
   */
  claim(claim: { owner: string; now: Date; leaseMs: number }): Promise<OutboxMessage | null>;

  /**
   * Marks what became of a claimed message and ends the lease. False, and nothing changes, unless `owner` still holds it.
   * A message that is `sent`, `dropped`, `held` or `dead` is never claimed again.
   */
  settle(settlement: { id: MessageId; owner: string; outcome: MessageOutcome; now: Date }): Promise<boolean>;

  /**
   * Removes what was ended long ago: `sent`, `dropped` and `held` before `finishedBefore`, `dead` before `deadBefore`;
   * and, beyond `keep` of each, the oldest that are dead and the oldest that were deferred and wait without a lease. At most `limit` a call.
   * Answers how many went.
   */
  sweep(sweep: { now: Date; finishedBefore: Date; deadBefore: Date; keep: number; limit: number }): Promise<number>;
}
