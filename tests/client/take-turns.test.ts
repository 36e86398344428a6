import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocks } from './support/browser.ts';
import type { Locks } from '#client/environment.ts';
import { takeTurns } from '#client/take-turns.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const brokenLocks: Locks = { request: () => Promise.reject(new DOMException('not allowed here', 'SecurityError')) };

describe.each([
  ['with locks', createLocks],
  ['without locks', () => null],
])('turns, %s', (_, makeLocks) => {
  const open = (locks = makeLocks()) => takeTurns({ name: 'door', locks, patienceMs: 1000 });

  it('are taken at once when nobody is there', async () => {
    const inTurn = open();
    expect(await inTurn(async ({ waited }) => waited)).toBe(false);
    expect(await inTurn(async ({ waited }) => waited)).toBe(false);
  });

  it('never overlap, keep their order and tell who waited', async () => {
    const inTurn = open();
    const log: string[] = [];
    const work = (name: string) =>
      inTurn(async ({ waited }) => {
        log.push(`${name} in${waited ? ' after a wait' : ''}`);
        await Promise.resolve();
        log.push(`${name} out`);
      });
    await Promise.all([work('a'), work('b'), work('c')]);
    expect(log).toEqual(['a in', 'a out', 'b in after a wait', 'b out', 'c in after a wait', 'c out']);
  });

  it('pass on what the work answers or throws, and go on', async () => {
    const inTurn = open();
    const failed = inTurn(() => Promise.reject(new Error('broken')));
    const next = inTurn(async () => 'fine');
    await expect(failed).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });

  it('are taken without leave after too long a wait', async () => {
    const inTurn = open();
    void inTurn(() => new Promise(() => undefined));
    const late = inTurn(async () => 'through');
    await vi.advanceTimersByTimeAsync(999);
    await expect(Promise.race([late, Promise.resolve('waiting')])).resolves.toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await late).toBe('through');
  });
});

it('work goes ahead, once, where locks are refused', async () => {
  const inTurn = takeTurns({ name: 'door', locks: brokenLocks, patienceMs: 1000 });
  const work = vi.fn(async () => 'through');
  expect(await inTurn(work)).toBe('through');
  expect(work).toHaveBeenCalledOnce();
});
