import { describe, expect, it } from 'vitest';
import { aMessage, anEmail, at, DAY, HOUR, MINUTE, SECOND } from '../support/builders.ts';
import { fresh, type Open } from './opened.ts';
import type { Outbox } from '#application/ports/outbox.ts';
import type { MessageId, SessionId, UserId } from '#domain/ids.ts';
import type { MessageOutcome, OutboxMessage } from '#domain/outbox-message.ts';

/** What every Outbox promises. */
export function describeOutboxContract(adapter: string, open: Open<Outbox>): void {
  describe(`${adapter} keeps the contract of Outbox`, () => {
    const empty = fresh(open);
    const claim = (outbox: Outbox, now: Date, owner = 'worker') => outbox.claim({ owner, now, leaseMs: MINUTE });
    const settle = (outbox: Outbox, id: MessageId, outcome: MessageOutcome, now: Date, owner = 'worker') =>
      outbox.settle({ id, owner, outcome, now });
    const sweep = (outbox: Outbox, given: Partial<Parameters<Outbox['sweep']>[0]> = {}) =>
      outbox.sweep({ now: at(30 * DAY), finishedBefore: at(-DAY), deadBefore: at(-DAY), keep: 100, limit: 100, ...given });

    async function claimed(outbox: Outbox, now: Date, owner?: string): Promise<OutboxMessage> {
      const message = await claim(outbox, now, owner);
      if (message === null) throw new Error('nothing was due');
      return message;
    }

    it('has nothing due when empty', async () => {
      expect(await claim(await empty(), at(0))).toBeNull();
    });

    it('gives a worker what was written, whatever the intent', async () => {
      const outbox = await empty();
      const email = anEmail();
      const intents = [
        aMessage().intent,
        { kind: 'address', email, network: '192.0.2.0/24' } as const,
        { kind: 'refresh-reuse', sessionId: 's' as SessionId, userId: 'u' as UserId, noticedAt: at(5) } as const,
      ];
      for (const [n, intent] of intents.entries()) await outbox.add(aMessage({ intent, createdAt: at(n) }));
      for (const intent of intents) expect(await claimed(outbox, at(SECOND))).toMatchObject({ intent, claims: 1, failures: 0 });
    });

    it('keeps one message a key, however many write it at once', async () => {
      const outbox = await empty();
      const added = await Promise.all(Array.from({ length: 20 }, () => outbox.add(aMessage({ key: 'once' }))));
      expect(added.filter((outcome) => outcome === 'added')).toHaveLength(1);
      expect(added.filter((outcome) => outcome === 'already-there')).toHaveLength(19);
      const { id } = await claimed(outbox, at(0));
      await settle(outbox, id, { kind: 'sent' }, at(0));
      expect(await outbox.add(aMessage({ key: 'once' }))).toBe('already-there');
      expect(await claim(outbox, at(HOUR))).toBeNull();
    });

    it('is full when so many wait that nobody has taken up; without a capacity never', async () => {
      const outbox = await empty();
      for (let n = 0; n < 3; n += 1) expect(await outbox.add(aMessage({ key: `k${n}` }), { capacity: 3 })).toBe('added');
      expect(await outbox.add(aMessage(), { capacity: 3 })).toBe('full');
      expect(await outbox.add(aMessage({ key: 'k0' }), { capacity: 3 })).toBe('already-there');
      expect(await outbox.add(aMessage({ key: 'notice' }))).toBe('added');
      for (let n = 0; n < 2; n += 1) await claimed(outbox, at(0));
      expect(await outbox.add(aMessage(), { capacity: 3 })).toBe('added');
    });

    it('gives each message to one of many workers', async () => {
      const outbox = await empty();
      for (let n = 0; n < 30; n += 1) await outbox.add(aMessage());
      const claims = await Promise.all(Array.from({ length: 40 }, (_, n) => claim(outbox, at(0), `worker-${n}`)));
      const ids = claims.flatMap((message) => (message === null ? [] : [message.id]));
      expect(ids).toHaveLength(30);
      expect(new Set(ids).size).toBe(30);
    });

    it('gives the message that has been due longest first', async () => {
      const outbox = await empty();
      const [second, first] = [aMessage({ createdAt: at(2) }), aMessage({ createdAt: at(1) })];
      await outbox.add(second);
      await outbox.add(first);
      expect((await claimed(outbox, at(SECOND))).id).toBe(first.id);
      expect((await claimed(outbox, at(SECOND))).id).toBe(second.id);
    });

    it('gives it to another at the instant the lease runs out, not before; the first may no longer mark it', async () => {
      const outbox = await empty();
      await outbox.add(aMessage());
      const { id } = await claimed(outbox, at(0), 'first');
      expect(await claim(outbox, at(MINUTE - 1), 'second')).toBeNull();
      expect(await claimed(outbox, at(MINUTE), 'second')).toMatchObject({ id, claims: 2, failures: 0 });
      expect(await settle(outbox, id, { kind: 'dead', why: 'stale' }, at(MINUTE), 'first')).toBe(false);
      expect(await settle(outbox, id, { kind: 'sent' }, at(MINUTE), 'second')).toBe(true);
    });

    it.each<MessageOutcome>([{ kind: 'sent' }, { kind: 'dropped' }, { kind: 'held' }, { kind: 'dead', why: '550' }])(
      'never gives out what is $kind again, and marks it once',
      async (outcome) => {
        const outbox = await empty();
        await outbox.add(aMessage());
        const { id } = await claimed(outbox, at(0));
        expect(await settle(outbox, id, outcome, at(0), 'somebody else')).toBe(false);
        expect(await settle(outbox, id, outcome, at(0))).toBe(true);
        expect(await settle(outbox, id, outcome, at(0))).toBe(false);
        expect(await claim(outbox, at(DAY))).toBeNull();
      },
    );

    it('counts a failure when deferred, and is due again when told', async () => {
      const outbox = await empty();
      await outbox.add(aMessage());
      const { id } = await claimed(outbox, at(0));
      expect(await settle(outbox, id, { kind: 'deferred', dueAt: at(HOUR), why: '451' }, at(0))).toBe(true);
      expect(await claim(outbox, at(HOUR - 1))).toBeNull();
      expect(await claimed(outbox, at(HOUR))).toMatchObject({ id, claims: 2, failures: 1 });
    });

    it('counts no failure when returned, and is due at once', async () => {
      const outbox = await empty();
      await outbox.add(aMessage());
      const { id } = await claimed(outbox, at(0));
      expect(await settle(outbox, id, { kind: 'returned' }, at(SECOND))).toBe(true);
      expect(await claimed(outbox, at(SECOND))).toMatchObject({ id, claims: 2, failures: 0 });
    });

    it('sweeps what was ended long enough ago, the dead by a date of their own, no more than asked for at a time', async () => {
      const outbox = await empty();
      for (const [n, kind] of (['sent', 'dropped', 'held', 'dead'] as const).entries()) {
        await outbox.add(aMessage({ createdAt: at(n) }));
        const { id } = await claimed(outbox, at(n));
        await settle(outbox, id, kind === 'dead' ? { kind, why: '550' } : { kind }, at(HOUR));
      }
      await outbox.add(aMessage({ key: 'waits' }));
      expect(await sweep(outbox, { finishedBefore: at(HOUR), deadBefore: at(HOUR) })).toBe(0);
      expect(await sweep(outbox, { finishedBefore: at(HOUR + 1), limit: 2 })).toBe(2);
      expect(await sweep(outbox, { finishedBefore: at(HOUR + 1) })).toBe(1);
      expect(await sweep(outbox, { deadBefore: at(HOUR + 1) })).toBe(1);
      expect((await claimed(outbox, at(DAY))).key).toBe('waits');
    });

    it('sweeps the oldest dead and the oldest deferred beyond what is kept, never one in hand', async () => {
      const outbox = await empty();
      const outcomes = [
        { kind: 'dead', why: '550' },
        { kind: 'deferred', dueAt: at(40 * DAY), why: '451' },
      ] as const;
      for (const outcome of outcomes) {
        for (let n = 0; n < 4; n += 1) {
          await outbox.add(aMessage({ key: `${outcome.kind}-${n}`, createdAt: at(n) }));
          const { id } = await claimed(outbox, at(MINUTE));
          await settle(outbox, id, outcome, at(MINUTE));
        }
      }
      expect(await sweep(outbox, { now: at(DAY), keep: 3, limit: 1 })).toBe(1);
      expect(await sweep(outbox, { now: at(DAY), keep: 2 })).toBe(3);
      const left = [];
      for (let message = await claim(outbox, at(40 * DAY)); message !== null; message = await claim(outbox, at(40 * DAY)))
        left.push(message.key);
      expect(left.sort()).toEqual(['deferred-2', 'deferred-3']);
      // Both are claimed now, so nothing may be taken from under their workers.
      expect(await sweep(outbox, { now: at(40 * DAY), keep: 0 })).toBe(2);
    });

    it('shares nothing with its callers', async () => {
      const outbox = await empty();
      const message = aMessage();
      const kept = structuredClone(message);
      await outbox.add(message);
      message.createdAt.setFullYear(1999);
      const first = await claimed(outbox, at(0));
      expect(first).toEqual({ ...kept, claims: 1, failures: 0 });
      first.createdAt.setFullYear(1999);
      expect((await claimed(outbox, at(MINUTE))).createdAt).toEqual(kept.createdAt);
    });
  });
}
