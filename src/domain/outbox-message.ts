import type { MessageId } from './ids.ts';
import type { MailIntent } from './mail-intent.ts';

/** An intent that waits to be acted upon. */
export interface OutboxMessage {
  readonly id: MessageId;
  /** Unique for ever: an intent may be written again without being sent again. */
  readonly key: string;
  readonly intent: MailIntent;
  readonly createdAt: Date;
  /** How often a worker has taken it up, this time included. */
  readonly claims: number;
  /** How often it failed by its own fault; a fault of the transport is none. */
  readonly failures: number;
}

export type NewOutboxMessage = Pick<OutboxMessage, 'id' | 'key' | 'intent' | 'createdAt'>;

/** What a worker did with a message. The first four end it. */
export type MessageOutcome =
  | { readonly kind: 'sent' }
  /** Reality no longer asks for it. */
  | { readonly kind: 'dropped' }
  /** Over the mail cap, for good. */
  | { readonly kind: 'held' }
  | { readonly kind: 'dead'; readonly why: string }
  /** Failed by its own fault: counts as a failure, due again at `dueAt`. */
  | { readonly kind: 'deferred'; readonly dueAt: Date; readonly why: string }
  /** The transport's fault: due at once, nothing counted. */
  | { readonly kind: 'returned' };

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;

/**
 * How long a message waits after its nth failure: doubling from 1 s to 5 min, less up to half by chance,
 * so that a thousand messages put off together do not come back together.
 */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS);
  return Math.round(full * (1 - random / 2));
}
