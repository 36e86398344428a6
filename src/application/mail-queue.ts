import type { MailIntent } from '#domain/mail-intent.ts';
import type { Ids } from './ports/ids.ts';
import type { Outbox } from './ports/outbox.ts';
import { Unavailable } from './unavailable.ts';

/** So many messages may wait that nobody has taken up; above it, what a stranger can cause is refused. */
const OUTBOX_CAPACITY = 100_000;

type StrangersIntent = Extract<MailIntent, { kind: 'registration' | 'address' }>;

/** So many mails wait that a stranger's has to come later. */
export class OutboxFull extends Unavailable {
  constructor() {
    super('The outbox is full.', { retryAfterMs: 30_000 });
  }
}

export interface QueueDeps {
  readonly outbox: Outbox;
  readonly ids: Ids;
}

/** Queues a mail that a stranger can cause. Throws OutboxFull when there is no room. */
export async function queueForStranger(
  { outbox, ids }: QueueDeps,
  { intent, key, now }: { intent: StrangersIntent; key?: string; now: Date },
): Promise<void> {
  const id = ids.message();
  const added = await outbox.add({ id, key: key ?? `${intent.kind}:${id}`, intent, createdAt: now }, { capacity: OUTBOX_CAPACITY });
  if (added === 'full') throw new OutboxFull();
}
