import { describe, expect, it } from 'vitest';
import { RedisBreaker } from '#adapters/outbound/redis/redis-breaker.ts';

describe('RedisBreaker', () => {
  it('is open until a probe was answered', async () => {
    const { breaker } = scene();
    expect(breaker.isOpen).toBe(true);

    await breaker.probe();
    expect(breaker.isOpen).toBe(false);
  });

  it('opens at the third failure in a row, not before', async () => {
    const { breaker, fail, answer } = await closedScene();
    await fail();
    await fail();
    await answer();
    await fail();
    await fail();
    expect(breaker.isOpen).toBe(false);

    await fail();
    expect(breaker.isOpen).toBe(true);
  });

  it('opens at the first failure that was waited for', async () => {
    const { breaker, fail } = await closedScene();

    await fail({ afterMs: 99 });
    expect(breaker.isOpen).toBe(false);
    await fail({ afterMs: 100 });
    expect(breaker.isOpen).toBe(true);
  });

  it('stays closed through slow answers', async () => {
    const { breaker, answer } = await closedScene();
    for (let count = 0; count < 5; count += 1) await answer({ afterMs: 290 });

    expect(breaker.isOpen).toBe(false);
  });

  it('hands on answers and failures as they are', async () => {
    const { breaker } = await closedScene();
    const failure = new Error('OOM');

    expect(await breaker.guard(async () => 7)).toBe(7);
    await expect(breaker.guard(() => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('probes by itself as it opens, and once only for calls that fail together', async () => {
    const { breaker, fail, probes } = await closedScene();
    await Promise.all(Array.from({ length: 20 }, () => fail({ afterMs: 100 })));
    expect(probes()).toHaveLength(2);

    probes()[1]?.resolve();
    await probes()[1]?.promise;
    await Promise.resolve();
    expect(breaker.isOpen).toBe(false);
  });

  it('has one probe under way at a time, and probes again when that has failed', async () => {
    const { breaker, probes } = scene({ answerFirst: false });
    const probing = breaker.probe();
    await breaker.probe();
    await breaker.probe();
    expect(probes()).toHaveLength(1);

    probes()[0]?.reject(new Error('Command timed out'));
    await probing;
    expect(breaker.isOpen).toBe(true);

    const again = breaker.probe();
    probes()[1]?.resolve();
    await again;
    expect(breaker.isOpen).toBe(false);
  });
});

/** A breaker at a time of its own, whose probes are answered by hand; the first answers itself unless told otherwise. */
function scene({ answerFirst = true } = {}) {
  let time = 0;
  const asked: Deferred[] = [];
  const breaker = new RedisBreaker({
    now: () => time,
    probe: () => {
      const probe = deferred();
      asked.push(probe);
      if (answerFirst && asked.length === 1) probe.resolve();
      return probe.promise;
    },
  });
  const settle = (settled: () => Promise<unknown>, afterMs: number) =>
    breaker
      .guard(() => {
        time += afterMs;
        return settled();
      })
      .catch(() => undefined);
  return {
    breaker,
    probes: () => asked,
    fail: ({ afterMs = 0 } = {}) => settle(() => Promise.reject(new Error('Redis failed')), afterMs),
    answer: ({ afterMs = 0 } = {}) => settle(() => Promise.resolve(), afterMs),
  };
}

async function closedScene() {
  const opened = scene();
  await opened.breaker.probe();
  return opened;
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function deferred(): Deferred {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
