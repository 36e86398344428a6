import { describe, expect, it } from 'vitest';
import { at, MINUTE, SECOND } from '../support/builders.ts';
import { fresh, type Open } from './opened.ts';
import type { Lease } from '#application/ports/lease.ts';

/** What every Lease promises. */
export function describeLeaseContract(adapter: string, open: Open<Lease>): void {
  describe(`${adapter} keeps the contract of Lease`, () => {
    const empty = fresh(open);
    const take = (lease: Lease, owner: string, now: Date, name = 'job') => lease.acquire({ name, owner, now, ttlMs: MINUTE });

    it('goes to one of many at once', async () => {
      const lease = await empty();
      const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => take(lease, `owner-${n}`, at(0))));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    it('goes to somebody else at the instant it runs out, not before', async () => {
      const lease = await empty();
      expect(await take(lease, 'first', at(0))).toBe(true);
      expect(await take(lease, 'second', at(MINUTE - 1))).toBe(false);
      const later = await Promise.all(Array.from({ length: 20 }, (_, n) => take(lease, `owner-${n}`, at(MINUTE))));
      expect(later.filter(Boolean)).toHaveLength(1);
      expect(await take(lease, 'first', at(MINUTE))).toBe(false);
    });

    it('is prolonged by its holder', async () => {
      const lease = await empty();
      await take(lease, 'first', at(0));
      expect(await take(lease, 'first', at(MINUTE - SECOND))).toBe(true);
      expect(await take(lease, 'second', at(MINUTE))).toBe(false);
    });

    it('is free at once when its holder gives it up, and only then', async () => {
      const lease = await empty();
      await take(lease, 'first', at(0));
      await lease.release({ name: 'job', owner: 'second' });
      expect(await take(lease, 'second', at(SECOND))).toBe(false);
      await lease.release({ name: 'job', owner: 'first' });
      expect(await take(lease, 'second', at(SECOND))).toBe(true);
    });

    it('knows each name by itself', async () => {
      const lease = await empty();
      await take(lease, 'first', at(0), 'one');
      expect(await take(lease, 'second', at(0), 'two')).toBe(true);
    });
  });
}
