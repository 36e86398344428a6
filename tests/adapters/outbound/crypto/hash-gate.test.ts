import { describe, expect, it } from 'vitest';
import { gateSize, HashGate } from '#adapters/outbound/crypto/hash-gate.ts';
import { Unavailable } from '#application/unavailable.ts';

/** Work that ends when it is told to. */
function held() {
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { work: () => done, finish: () => finish() };
}

describe('the gate in front of the hashes', () => {
  it('lets so many through at once, and the next in order', async () => {
    const gate = new HashGate({ concurrency: 2, queueLength: 10, waitMs: 1_000 });
    let [running, most] = [0, 0];
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        gate.through(async () => {
          running += 1;
          most = Math.max(most, running);
          order.push(n);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('turns away at once what finds the queue full', async () => {
    const gate = new HashGate({ concurrency: 1, queueLength: 1, waitMs: 10_000 });
    const first = held();
    const running = gate.through(first.work);
    const queued = gate.through(async () => 'queued');
    await expect(gate.through(async () => 'too many')).rejects.toThrow(Unavailable);
    first.finish();
    await running;
    expect(await queued).toBe('queued');
  });

  it('turns away what waited too long, which then never runs', async () => {
    const gate = new HashGate({ concurrency: 1, queueLength: 10, waitMs: 20 });
    const first = held();
    const running = gate.through(first.work);
    let ran = false;
    const late = gate.through(async () => {
      ran = true;
    });
    await expect(late).rejects.toThrow(Unavailable);
    first.finish();
    await running;
    await gate.through(async () => undefined);
    expect(ran).toBe(false);
  });

  it('holds a place until the work settles, and frees it when the work fails', async () => {
    const gate = new HashGate({ concurrency: 1, queueLength: 10, waitMs: 1_000 });
    await expect(gate.through(() => Promise.reject(new Error('native')))).rejects.toThrow('native');
    expect(await gate.through(async () => 'next')).toBe('next');
  });

  it.each([
    [{ cores: 2, threadPoolSize: 4 }, 2],
    [{ cores: 8, threadPoolSize: 4 }, 2],
    [{ cores: 8, threadPoolSize: 10 }, 8],
    [{ cores: 1, threadPoolSize: 4 }, 1],
    [{ cores: 4, threadPoolSize: 1 }, 1],
  ])('leaves two threads of the pool free: %j', (machine, size) => {
    expect(gateSize(machine)).toBe(size);
  });
});
