import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockEnd, isLive, resendAvailableAt } from '#domain/registration.ts';

const NOON = Date.parse('2030-01-01T12:00:00.000Z');
const at = (ms: number) => new Date(NOON + ms);

describe('a registration', () => {
  it('lives until the instant at which it expires', () => {
    const registration = { endedAt: null, expiresAt: at(1_000) };

    expect(isLive(registration, at(999))).toBe(true);
    expect(isLive(registration, at(1_000))).toBe(false);
    expect(isLive(registration, at(1_001))).toBe(false);
  });

  it('is dead once it was ended, whenever one asks', () => {
    const registration = { endedAt: at(500), expiresAt: at(1_000) };

    expect(isLive(registration, at(499))).toBe(false);
    expect(isLive(registration, at(500))).toBe(false);
  });

  it('may ask for another mail a cooldown after the last', () => {
    expect(resendAvailableAt({ mailRequestedAt: at(0) }, 60_000)).toEqual(at(60_000));
  });
});

describe('the clock that a mail starts', () => {
  it('ends a lifetime after the mail', () => {
    expect(clockEnd({ endsAt: at(100_000) }, at(10_000), 30_000)).toEqual(at(40_000));
  });

  it('never ends after the last moment of its registration', () => {
    expect(clockEnd({ endsAt: at(30_000) }, at(10_000), 30_000)).toEqual(at(30_000));
  });

  const moment = fc.integer({ min: 0, max: 86_400_000 });

  it('is the earlier of the two, for every mail', () => {
    fc.assert(
      fc.property(moment, moment, fc.integer({ min: 1, max: 86_400_000 }), (endsAt, sentAt, ttlMs) => {
        const end = clockEnd({ endsAt: at(endsAt) }, at(sentAt), ttlMs).getTime() - NOON;
        expect(end <= endsAt && end <= sentAt + ttlMs).toBe(true);
        expect([endsAt, sentAt + ttlMs]).toContain(end);
      }),
    );
  });

  it('never ends earlier for a mail that left later', () => {
    fc.assert(
      fc.property(moment, moment, moment, (endsAt, sentAt, later) => {
        const first = clockEnd({ endsAt: at(endsAt) }, at(sentAt), 30_000);
        const second = clockEnd({ endsAt: at(endsAt) }, at(sentAt + later), 30_000);
        expect(second.getTime()).toBeGreaterThanOrEqual(first.getTime());
      }),
    );
  });
});
