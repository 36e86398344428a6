import type { Outbox } from '#application/ports/outbox.ts';
import type { MessageId } from '#domain/ids.ts';
import type { MessageOutcome, NewOutboxMessage, OutboxMessage } from '#domain/outbox-message.ts';

type State = 'waiting' | 'sent' | 'dropped' | 'held' | 'dead';

interface Kept extends OutboxMessage {
  readonly state: State;
  readonly dueAt: Date;
  readonly lease: { readonly owner: string; readonly until: Date } | null;
  readonly finishedAt: Date | null;
}

/** Messages in this process. Each method runs in one turn of the event loop, which makes it atomic. */
export class MemoryOutbox implements Outbox {
  readonly #messages = new Map<MessageId, Kept>();

  async add(message: NewOutboxMessage, limits?: { capacity: number }): Promise<'added' | 'already-there' | 'full'> {
    const all = [...this.#messages.values()];
    if (all.some(({ key }) => key === message.key)) return 'already-there';
    const untouched = all.filter(({ state, claims }) => state === 'waiting' && claims === 0);
    if (limits !== undefined && untouched.length >= limits.capacity) return 'full';

    const { id, key, intent, createdAt } = structuredClone(message);
    this.#messages.set(id, {
      id,
      key,
      intent,
      createdAt,
      claims: 0,
      failures: 0,
      state: 'waiting',
      dueAt: createdAt,
      lease: null,
      finishedAt: null,
    });
    return 'added';
  }

  async claim({ owner, now, leaseMs }: { owner: string; now: Date; leaseMs: number }): Promise<OutboxMessage | null> {
    const due = [...this.#messages.values()].filter((each) => each.state === 'waiting' && each.dueAt <= now && !isLeased(each, now));
    const longest = due.reduce<Kept | null>((best, each) => (best !== null && best.dueAt <= each.dueAt ? best : each), null);
    if (longest === null) return null;

    const claimed: Kept = { ...longest, claims: longest.claims + 1, lease: { owner, until: new Date(now.getTime() + leaseMs) } };
    this.#messages.set(claimed.id, claimed);
    return toMessage(claimed);
  }

  async settle({ id, owner, outcome, now }: { id: MessageId; owner: string; outcome: MessageOutcome; now: Date }): Promise<boolean> {
    const message = this.#messages.get(id);
    if (message?.state !== 'waiting' || message.lease?.owner !== owner) return false;
    this.#messages.set(id, { ...message, ...afterwards(message, outcome, now), lease: null });
    return true;
  }

  async sweep(sweep: { now: Date; finishedBefore: Date; deadBefore: Date; keep: number; limit: number }): Promise<number> {
    const all = [...this.#messages.values()];
    const byAge = (messages: Kept[]) => messages.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
    const gone = [
      ...all.filter(
        ({ state, finishedAt }) => !['waiting', 'dead'].includes(state) && finishedAt !== null && finishedAt < sweep.finishedBefore,
      ),
      ...all.filter(({ state, finishedAt }) => state === 'dead' && finishedAt !== null && finishedAt < sweep.deadBefore),
      ...byAge(all.filter(({ state }) => state === 'dead')).slice(sweep.keep),
      ...byAge(all.filter((each) => each.state === 'waiting' && each.failures > 0 && !isLeased(each, sweep.now))).slice(sweep.keep),
    ];
    const ids = [...new Set(gone.map(({ id }) => id))].slice(0, sweep.limit);
    for (const id of ids) this.#messages.delete(id);
    return ids.length;
  }
}

function isLeased({ lease }: Kept, now: Date): boolean {
  return lease !== null && lease.until > now;
}

function afterwards(message: Kept, outcome: MessageOutcome, now: Date): Partial<Kept> {
  switch (outcome.kind) {
    case 'deferred':
      return { failures: message.failures + 1, dueAt: outcome.dueAt };
    case 'returned':
      return {};
    case 'sent':
    case 'dropped':
    case 'held':
    case 'dead':
      return { state: outcome.kind, finishedAt: new Date(now) };
  }
}

function toMessage({ id, key, intent, createdAt, claims, failures }: Kept): OutboxMessage {
  return structuredClone({ id, key, intent, createdAt, claims, failures });
}
