import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionId, UserId } from '#domain/ids.ts';
import { idleEnd, isAlive, judgeGeneration, KEPT_REPLACEMENTS, rotated, type Session, sessionEnd, startSession } from '#domain/session.ts';

const NOON = Date.parse('2030-01-01T12:00:00.000Z');
const at = (ms: number) => new Date(NOON + ms);
const IDLE_MS = 7_000;
const ABSOLUTE_MS = 30_000;
const GRACE_MS = 60;

const started = startSession({
  id: 'session' as SessionId,
  userId: 'user' as UserId,
  now: at(0),
  lifetimes: { idleMs: IDLE_MS, absoluteMs: ABSOLUTE_MS },
});
const judge = (session: Session | null, generation: number, ms: number) =>
  judgeGeneration(session, { generation, now: at(ms), graceMs: GRACE_MS });

describe('a session', () => {
  it('starts at its first generation, with both limits ahead', () => {
    expect(started).toMatchObject({ generation: 1, replaced: [], idleExpiresAt: at(7_000), absoluteExpiresAt: at(30_000), endedAt: null });
  });

  it('is dead at the very instant of its idle limit', () => {
    expect(isAlive(started, at(6_999))).toBe(true);
    expect(isAlive(started, at(7_000))).toBe(false);
  });

  it('is dead at the very instant of its absolute limit, however much it is used', () => {
    const used = { ...started, idleExpiresAt: at(40_000) };

    expect(isAlive(used, at(29_999))).toBe(true);
    expect(isAlive(used, at(30_000))).toBe(false);
  });

  it('is dead once it was ended', () => {
    expect(isAlive({ ...started, endedAt: at(10) }, at(5))).toBe(false);
  });

  it('never has an idle limit beyond the absolute one, at its start or later', () => {
    const short = startSession({ id: started.id, userId: started.userId, now: at(0), lifetimes: { idleMs: 50, absoluteMs: 20 } });

    expect(short.idleExpiresAt).toEqual(at(20));
    expect(idleEnd(started, at(29_000), IDLE_MS)).toEqual(at(30_000));
  });

  it('ends at the earlier of its limits', () => {
    expect(sessionEnd(started)).toEqual(at(7_000));
    expect(sessionEnd({ idleExpiresAt: at(9), absoluteExpiresAt: at(8) })).toEqual(at(8));
  });
});

describe('a presented generation', () => {
  const second = rotated(started, at(1_000), IDLE_MS);

  it('is current when it is the last', () => {
    expect(judge(started, 1, 0)).toBe('current');
    expect(judge(second, 2, 1_000)).toBe('current');
  });

  it('is replayed up to the end of the grace, that instant included, and reused after it', () => {
    expect(judge(second, 1, 1_000)).toBe('replayed');
    expect(judge(second, 1, 1_060)).toBe('replayed');
    expect(judge(second, 1, 1_061)).toBe('reused');
  });

  it('is reused when it was replaced more than five replacements ago, even within the grace', () => {
    const sixfold = Array.from({ length: 6 }).reduce<Session>((session) => rotated(session, at(1), IDLE_MS), started);

    expect([1, 2, 3, 4, 5, 6, 7].map((generation) => judge(sixfold, generation, 2))).toEqual([
      'reused',
      ...Array.from({ length: 5 }, () => 'replayed'),
      'current',
    ]);
  });

  it('is rejected when it is above the current one', () => {
    expect(judge(started, 2, 0)).toBe('rejected');
  });

  it('is rejected without a session and with a dead one, whatever it would be worth', () => {
    expect(judge(null, 1, 0)).toBe('rejected');
    for (const generation of [1, 2, 3]) {
      expect(judge({ ...second, endedAt: at(1_010) }, generation, 1_020)).toBe('rejected');
      expect(judge(second, generation, 8_000)).toBe('rejected');
    }
  });

  it('is judged from an instance whose clock is behind as replaced just now', () => {
    expect(judge(second, 1, 500)).toBe('replayed');
  });
});

describe('any history of a session', () => {
  /** All that ever happened, without a bound and without a shortcut. */
  interface Model {
    readonly replacedAt: number[];
    readonly lastUseAt: number;
  }

  const step = fc.record({
    waitMs: fc.oneof(fc.integer({ min: 0, max: 2 * GRACE_MS }), fc.integer({ min: 0, max: IDLE_MS + 100 })),
    back: fc.integer({ min: -2, max: 8 }),
  });

  it('is judged as a full record of it would be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let session = started;
        let model: Model = { replacedAt: [], lastUseAt: 0 };
        let now = 0;
        for (const { waitMs, back } of steps) {
          now += waitMs;
          const generation = session.generation - back;
          if (generation < 1) continue;
          const worth = judge(session, generation, now);
          expect(worth).toBe(expectedOf(model, generation, now));
          if (worth !== 'current') continue;
          session = rotated(session, at(now), IDLE_MS);
          model = { replacedAt: [...model.replacedAt, now], lastUseAt: now };
        }
        expect(session.replaced.length).toBeLessThanOrEqual(KEPT_REPLACEMENTS);
        expect(session.idleExpiresAt <= session.absoluteExpiresAt).toBe(true);
        expect(session.absoluteExpiresAt).toEqual(started.absoluteExpiresAt);
      }),
      { numRuns: 1_000 },
    );
  });

  function expectedOf({ replacedAt, lastUseAt }: Model, generation: number, now: number): string {
    const current = replacedAt.length + 1;
    if (now >= lastUseAt + IDLE_MS || now >= ABSOLUTE_MS || generation > current) return 'rejected';
    if (generation === current) return 'current';
    const replaced = replacedAt[generation - 1] ?? Number.NaN;
    return current - generation <= 5 && now - replaced <= GRACE_MS ? 'replayed' : 'reused';
  }
});
