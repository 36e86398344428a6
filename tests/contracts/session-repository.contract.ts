import { describe, expect, it } from 'vitest';
import { aSession, at, DAY, HOUR, MINUTE, SECOND } from '../support/builders.ts';
import { fresh, type Open } from './opened.ts';
import type { SessionRepository } from '#application/ports/session-repository.ts';
import type { SessionId } from '#domain/ids.ts';

/** What every SessionRepository promises. */
export function describeSessionRepositoryContract(adapter: string, open: Open<SessionRepository>): void {
  describe(`${adapter} keeps the contract of SessionRepository`, () => {
    const empty = fresh(open);
    const terms = { graceMs: MINUTE, idleMs: HOUR };

    async function withSession(given: Parameters<typeof aSession>[0] = {}) {
      const sessions = await empty();
      const session = aSession(given);
      await sessions.add(session);
      const rotate = (generation: number, now: Date) => sessions.rotate({ sessionId: session.id, generation, now, ...terms });
      return { sessions, session, rotate };
    }

    it('finds nothing in an empty store', async () => {
      const sessions = await empty();
      const sessionId = 'nobody' as SessionId;
      expect(await sessions.findAlive(sessionId, at(0))).toBeNull();
      expect(await sessions.rotate({ sessionId, generation: 1, now: at(0), ...terms })).toEqual({ kind: 'rejected' });
      expect(await sessions.end({ id: sessionId, reason: 'logout', now: at(0) })).toBeNull();
    });

    it('gives back what was added', async () => {
      const { sessions, session } = await withSession();
      expect(await sessions.findAlive(session.id, at(1))).toEqual(session);
    });

    it('rotates the current generation: the next one, a longer idle limit, and the old one noted', async () => {
      const { sessions, session, rotate } = await withSession();
      const next = { ...session, generation: 2, replaced: [{ generation: 1, at: at(MINUTE) }], idleExpiresAt: at(MINUTE + HOUR) };
      expect(await rotate(1, at(MINUTE))).toEqual({ kind: 'rotated', session: next });
      expect(await sessions.findAlive(session.id, at(MINUTE))).toEqual(next);
    });

    it('rotates once for twenty at a time with one generation; the others are replays of the same session', async () => {
      const { rotate } = await withSession();
      const rotations = await Promise.all(Array.from({ length: 20 }, () => rotate(1, at(MINUTE))));
      expect(rotations.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
      expect(rotations.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
      for (const rotation of rotations) expect('session' in rotation && rotation.session.generation).toBe(2);
    });

    it('calls it a replay up to the last instant of the grace, and changes nothing', async () => {
      const { sessions, session, rotate } = await withSession();
      await rotate(1, at(0));
      const current = await sessions.findAlive(session.id, at(0));
      expect(await rotate(1, at(MINUTE))).toEqual({ kind: 'replayed', session: current });
      expect(await sessions.findAlive(session.id, at(MINUTE))).toEqual(current);
    });

    it('calls it reuse from then on, and changes nothing', async () => {
      const { sessions, session, rotate } = await withSession();
      await rotate(1, at(0));
      const current = await sessions.findAlive(session.id, at(0));
      expect(await rotate(1, at(MINUTE + 1))).toEqual({ kind: 'reused', session: current });
      expect(await sessions.findAlive(session.id, at(MINUTE + 1))).toEqual(current);
    });

    it('remembers the last five replacements; what is older is reuse, however recent', async () => {
      const { rotate } = await withSession();
      for (let generation = 1; generation <= 6; generation += 1) expect((await rotate(generation, at(generation))).kind).toBe('rotated');
      expect((await rotate(2, at(10))).kind).toBe('replayed');
      expect((await rotate(1, at(10))).kind).toBe('reused');
    });

    it('rejects a generation that was never made', async () => {
      const { rotate } = await withSession();
      expect(await rotate(2, at(0))).toEqual({ kind: 'rejected' });
    });

    it('rejects at the instant of the idle limit, and finds it dead', async () => {
      const { sessions, session, rotate } = await withSession();
      expect(await sessions.findAlive(session.id, at(HOUR - 1))).not.toBeNull();
      expect(await sessions.findAlive(session.id, at(HOUR))).toBeNull();
      expect(await rotate(1, at(HOUR))).toEqual({ kind: 'rejected' });
      expect((await rotate(1, at(HOUR - 1))).kind).toBe('rotated');
    });

    it('never moves the idle limit past the absolute one, where it ends', async () => {
      const { sessions, session, rotate } = await withSession({ idleExpiresAt: at(DAY) });
      const rotation = await rotate(1, at(DAY - MINUTE));
      expect('session' in rotation && rotation.session.idleExpiresAt).toEqual(at(DAY));
      expect(await sessions.findAlive(session.id, at(DAY))).toBeNull();
      expect(await rotate(2, at(DAY))).toEqual({ kind: 'rejected' });
    });

    it('rejects everything of a session that ended, before all else', async () => {
      const { sessions, session, rotate } = await withSession();
      await rotate(1, at(0));
      await sessions.end({ id: session.id, reason: 'logout', now: at(SECOND) });
      for (const generation of [1, 2, 3]) expect(await rotate(generation, at(SECOND))).toEqual({ kind: 'rejected' });
      expect(await rotate(1, at(HOUR / 2))).toEqual({ kind: 'rejected' });
    });

    it('ends a session for one of many callers, who gets it as it ended', async () => {
      const { sessions, session } = await withSession();
      const ends = await Promise.all(Array.from({ length: 10 }, () => sessions.end({ id: session.id, reason: 'reuse', now: at(SECOND) })));
      const won = ends.filter((ended) => ended !== null);
      expect(won).toEqual([{ ...session, endedAt: at(SECOND), endReason: 'reuse' }]);
      expect(await sessions.findAlive(session.id, at(SECOND))).toBeNull();
    });

    it('does not end what is over already', async () => {
      const { sessions, session } = await withSession();
      expect(await sessions.end({ id: session.id, reason: 'logout', now: at(HOUR) })).toBeNull();
    });

    it('sweeps what is not alive and nothing else, no more than asked for at a time', async () => {
      const { sessions, session } = await withSession();
      for (let n = 0; n < 3; n += 1) await sessions.add(aSession({ idleExpiresAt: at(MINUTE) }));
      for (let n = 0; n < 3; n += 1) await sessions.add(aSession({ absoluteExpiresAt: at(MINUTE) }));
      for (let n = 0; n < 3; n += 1) await sessions.add(aSession({ endedAt: at(SECOND), endReason: 'logout' }));
      expect(await sessions.sweep({ now: at(MINUTE), limit: 5 })).toBe(5);
      expect(await sessions.sweep({ now: at(MINUTE), limit: 5 })).toBe(4);
      expect(await sessions.sweep({ now: at(MINUTE), limit: 5 })).toBe(0);
      expect(await sessions.findAlive(session.id, at(MINUTE))).toEqual(session);
    });

    it('shares nothing with its callers', async () => {
      const { sessions, session } = await withSession();
      const kept = structuredClone(session);
      session.createdAt.setFullYear(1999);
      const found = await sessions.findAlive(session.id, at(1));
      expect(found).toEqual(kept);
      found?.createdAt.setFullYear(1999);
      expect(await sessions.findAlive(session.id, at(1))).toEqual(kept);
    });
  });
}
