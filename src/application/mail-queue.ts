import type { MailIntent } from '#domain/mail-intent.ts';
import type { Ids } from './ports/ids.ts';
import type { Outbox } from './ports/outbox.ts';
import { Unavailable } from './unavailable.ts';

/** So many messages may wait that nobody has taken up; above it, what a stranger can cause is refused. */
export const OUTBOX_CAPACITY = 100_000;

type StrangersIntent = Extract<MailIntent, { kind: 'registration' | 'address' }>;

/** Queues a mail that a stranger can cause. Throws Unavailable when the outbox is full. */
export async function queueForStranger(
  { outbox, ids }: { outbox: Outbox; ids: Ids },
  { intent, key, now }: { intent: StrangersIntent; key?: string; now: Date },
): Promise<void> {
  const id = ids.message();
  const added = await outbox.add({ id, key: key ?? `${intent.kind}:${id}`, intent, createdAt: now }, { capacity: OUTBOX_CAPACITY });
  if (added === 'full') throw new Unavailable('The outbox is full.', { retryAfterMs: 30_000 });
}
