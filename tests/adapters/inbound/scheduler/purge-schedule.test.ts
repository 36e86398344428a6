import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ms, TestClock } from '../../../support/test-clock.ts';
import { MemoryLease } from '#adapters/outbound/memory/memory-lease.ts';
import { type PurgeSchedule, type PurgeScheduleDeps, startPurgeSchedule } from '#adapters/inbound/scheduler/purge-schedule.ts';
import type { Purged } from '#application/use-cases/purge-unverified.ts';

const EVERY_SECOND = '* * * * * *';
const batch = (more: boolean): Purged => ({ registrations: 0, sessions: 0, messages: 0, more });

let clock: TestClock;
let lease: MemoryLease;
let schedules: PurgeSchedule[];
let errors: unknown[];
let unfinished: ((purged: Purged) => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2030-01-01T00:00:00.500Z') });
  [clock, lease, schedules, errors] = [new TestClock(), new MemoryLease(), [], []];
});
afterEach(async () => {
  const stopping = Promise.all(schedules.map((schedule) => schedule.stop()));
  for (const end of unfinished.splice(0)) end(batch(false));
  await stopping;
  vi.useRealTimers();
});

function start(execute: () => Promise<Purged>, overrides: Partial<PurgeScheduleDeps> = {}): PurgeSchedule {
  const onError = (error: unknown) => errors.push(error);
  const schedule = startPurgeSchedule({
    ...{ cron: EVERY_SECOND, purgeUnverified: { execute }, lease, clock, owner: 'one', restMs: 0, onError },
    ...overrides,
  });
  schedules.push(schedule);
  return schedule;
}

/** Batches that end when the test says so. */
function held() {
  const waiting: ((purged: Purged) => void)[] = [];
  unfinished = waiting;
  return { execute: () => new Promise<Purged>((resolve) => waiting.push(resolve)), waiting };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const holds = (owner: string) => lease.acquire({ name: 'purge', owner, now: clock.now(), ttlMs: ms('60s') });

describe('the purge', () => {
  it('goes on while there is more, and comes again by the clock', async () => {
    const left = [true, true, false, false];
    let batches = 0;
    start(async () => {
      batches += 1;
      return batch(left.shift() ?? false);
    });
    await pass(1_000);
    expect(batches).toBe(3);
    await pass(1_000);
    expect(batches).toBe(4);
  });

  it('gives everything else its turn between two batches, though the store answers at once', async () => {
    vi.useRealTimers();
    let [batches, batchesAtTurn] = [0, 0];
    start(async () => {
      batches += 1;
      if (batches === 1) setImmediate(() => (batchesAtTurn = batches));
      return batch(batches < 10);
    });
    await expect.poll(() => batches, { timeout: 3_000 }).toBe(10);
    expect(batchesAtTurn).toBe(1);
  });

  it('runs one at a time, however long it takes', async () => {
    const { execute, waiting } = held();
    start(execute);
    await pass(5_000);
    expect(waiting).toHaveLength(1);
  });

  it('runs in one instance at a time', async () => {
    const { execute, waiting } = held();
    start(execute);
    start(execute, { owner: 'two' });
    await pass(3_000);
    expect(waiting).toHaveLength(1);
  });

  it('lets the other instances have it when it is done', async () => {
    start(async () => batch(false));
    await pass(1_000);
    expect(await holds('two')).toBe(true);
  });

  it('holds its lease as long as it works, however many batches that takes', async () => {
    const { execute, waiting } = held();
    start(execute);
    await pass(600);
    for (let round = 0; round < 4; round += 1) {
      clock.advance('40s');
      expect(await holds('two')).toBe(false);
      waiting.shift()?.(batch(true));
      await pass(0);
    }
  });

  it('stops between two batches when it lost its lease', async () => {
    const { execute, waiting } = held();
    start(execute);
    await pass(600);
    clock.advance('61s');
    expect(await holds('two')).toBe(true);
    waiting.shift()?.(batch(true));
    await pass(100);
    expect(waiting).toHaveLength(0);
    expect(await holds('three')).toBe(false);
  });

  it('that fails is told, gives its lease up, and comes again', async () => {
    let tries = 0;
    start(async () => {
      tries += 1;
      throw new Error('gone');
    });
    await pass(600);
    expect(errors).toEqual([new Error('gone')]);
    expect(await holds('two')).toBe(true);
    await lease.release({ name: 'purge', owner: 'two' });
    await pass(1_000);
    expect(tries).toBe(2);
  });

  it('goes by UTC', async () => {
    let runs = 0;
    start(
      async () => {
        runs += 1;
        return batch(false);
      },
      { cron: '0 1 * * *' },
    );
    await pass(ms('59m'));
    expect(runs).toBe(0);
    await pass(ms('1m'));
    expect(runs).toBe(1);
  });
});

describe('stop', () => {
  it('waits for the batch under way, begins no other, and gives the lease up', async () => {
    const { execute, waiting } = held();
    const schedule = start(execute);
    await pass(600);
    let stopped = false;
    const stopping = Promise.all([schedule.stop(), schedule.stop()]).then(() => {
      stopped = true;
    });
    await pass(2_000);
    expect([stopped, waiting.length]).toEqual([false, 1]);
    waiting.shift()?.(batch(true));
    await stopping;
    expect(waiting).toHaveLength(0);
    expect(await holds('two')).toBe(true);
  });

  it('waits for nothing when nothing runs, and no run comes any more', async () => {
    const { execute, waiting } = held();
    await start(execute).stop();
    await pass(5_000);
    expect(waiting).toHaveLength(0);
  });

  it('of a run that fails does not fail', async () => {
    let fail = (_error: Error) => {};
    const schedule = start(
      () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        }),
    );
    await pass(600);
    const stopping = schedule.stop();
    fail(new Error('gone'));
    await stopping;
    expect(errors).toHaveLength(1);
  });
});
