import type { Clock } from '#application/ports/clock.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 } as const;

export type Duration = `${number}${keyof typeof UNITS}`;

/** `31m` in milliseconds. */
export function ms(duration: Duration): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (unit === undefined) throw new Error(`No duration: ${duration}`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** A clock that stands still until the test moves it. */
export class TestClock implements Clock {
  #now = Date.parse('2030-01-01T12:00:00.000Z');

  now(): Date {
    return new Date(this.#now);
  }

  /** The moment that lies so far ahead. */
  in(duration: Duration): Date {
    return new Date(this.#now + ms(duration));
  }

  advance(duration: Duration): void {
    this.#now += ms(duration);
  }

  setTo(moment: Date): void {
    this.#now = moment.getTime();
  }
}
