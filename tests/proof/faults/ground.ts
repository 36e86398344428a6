import { expect } from 'vitest';
import { inForm } from '../form.ts';
import { record, type Row } from '../record.ts';
import { audit } from './audit.ts';
import { Crowd } from './crowd.ts';
import { type Field, openField } from './field.ts';

/** What the crowd saw of one fault. Milliseconds. */
export interface Endured {
  readonly ok: number;
  readonly unavailable: number;
  readonly lost: number;
  readonly slowestMs: number;
  readonly p99Ms: number;
  readonly healedMs: number;
}

/** For a hook that closes a ground: whoever is there finishes first. */
export const CLOSING_MS = inForm({ short: 120_000, long: 700_000 });

/** A field with a crowd on it, and a table of what was done to them. */
export class Ground {
  readonly field: Field;
  readonly crowd: Crowd;
  /** Each may have cost one copy of a mail. */
  crashes = 0;
  readonly #name: string;
  readonly #rows: Row[] = [];

  constructor(name: string, field: Field) {
    this.field = field;
    this.#name = name;
    this.crowd = new Crowd({ urls: field.urls, mails: () => field.smtp.mails });
  }

  /** Injects a fault under load, lifts it, and waits until all is well. Every answer comes within five seconds, whatever is down. */
  async endure(fault: string, what: string, inject: () => Promise<unknown>): Promise<Endured> {
    const from = Date.now();
    const known = this.crowd.violations.length;
    try {
      await inject();
    } catch (error) {
      // The next test is not to fail for what this one left behind.
      await this.#calm();
      throw error;
    }
    const healedMs = await this.crowd.healed();
    const seen = { ...this.crowd.since(from), healedMs };
    this.#rows.push({
      fault,
      'what was done': what,
      'answered / `unavailable` / cut off': `${seen.ok} / ${seen.unavailable} / ${seen.lost}`,
      'slowest, ms': seen.slowestMs,
      'healed after, ms': healedMs,
    });
    expect(this.crowd.violations.slice(known)).toEqual([]);
    expect(seen.slowestMs).toBeLessThan(5_000);
    expect(healedMs).toBeLessThan(10_000);
    return seen;
  }

  /** A fault that a test of its own has seen endured. */
  note(fault: string, what: string, seen: string): void {
    this.#rows.push({
      fault,
      'what was done': what,
      'answered / `unavailable` / cut off': seen,
      'slowest, ms': '',
      'healed after, ms': '',
    });
  }

  async #calm(): Promise<void> {
    const { mongo, redis, smtp } = this.field;
    for (const { thaw, wire } of [mongo, redis]) {
      thaw();
      await wire.become('pass');
    }
    smtp.follow({});
    await smtp.wire.become('pass');
  }

  /** Lets everybody finish, and checks what must hold at the end. */
  async close(): Promise<void> {
    try {
      await this.crowd.finish();
      expect(await audit(this.field, this.crowd, { crashes: this.crashes })).toEqual([]);
      await record(this.#name, this.#rows);
    } finally {
      await this.field.close();
    }
  }
}

export async function openGround(name: string, env: Readonly<Record<string, string>> = {}): Promise<Ground> {
  const ground = new Ground(name, await openField(env));
  ground.crowd.start();
  await ground.crowd.healed();
  return ground;
}
