import fc from 'fast-check';
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

  it('says when to come again', async () => {
    const gate = new HashGate({ concurrency: 1, queueLength: 0, waitMs: 1_000 });
    const first = held();
    const running = gate.through(first.work);
    await expect(gate.through(async () => undefined)).rejects.toMatchObject({ retryAfterMs: 2_000 });
    first.finish();
    await running;
  });

  it('holds a place until the work settles, though nobody waits for it any more', async () => {
    const gate = new HashGate({ concurrency: 1, queueLength: 10, waitMs: 1_000 });
    const first = held();
    expect(await Promise.race([gate.through(first.work), Promise.resolve('left')])).toBe('left');

    let ran = false;
    const next = gate.through(async () => {
      ran = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toBe(false);
    first.finish();
    await next;
    expect(ran).toBe(true);
  });

  it('lets no newcomer overtake who was next', async () => {
    const gate = new HashGate({ concurrency: 1, queueLength: 10, waitMs: 1_000 });
    const order: string[] = [];
    let newcomer = Promise.resolve();
    const first = gate.through(async () => undefined);
    const next = gate.through(async () => void order.push('next'));
    await first.then(() => {
      newcomer = gate.through(async () => void order.push('newcomer'));
    });
    await Promise.all([next, newcomer]);
    expect(order).toEqual(['next', 'newcomer']);
  });

  it('is never overfull and never leaks a place, whatever comes, fails, waits and goes', async () => {
    const task = fc.record({ turns: fc.nat(5), fate: fc.constantFrom('done', 'rejects', 'throws') });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (tasks, concurrency) => {
        const gate = new HashGate({ concurrency, queueLength: 20, waitMs: 5_000 });
        let [running, most] = [0, 0];
        const work = async ({ turns, fate }: (typeof tasks)[number]) => {
          running += 1;
          most = Math.max(most, running);
          for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          if (fate === 'rejects') throw new Error('native');
        };
        const outcomes = await Promise.allSettled(
          tasks.map((each) =>
            gate.through(() => {
              if (each.fate === 'throws') throw new Error('native');
              return work(each);
            }),
          ),
        );
        expect(outcomes).toHaveLength(tasks.length);
        expect(most).toBeLessThanOrEqual(concurrency);

        const places = Array.from({ length: concurrency }, held);
        let entered = 0;
        const full = places.map((place) =>
          gate.through(() => {
            entered += 1;
            return place.work();
          }),
        );
        await new Promise((resolve) => setImmediate(resolve));
        expect(entered).toBe(concurrency);
        for (const place of places) place.finish();
        await Promise.all(full);
      }),
      { numRuns: 50 },
    );
  });

  it('frees a place when the work fails', async () => {
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
    [{ cores: 4, threadPoolSize: 0 }, 1],
    [{ cores: 4, threadPoolSize: Number.NaN }, 1],
    [{ cores: 4, threadPoolSize: 4.5 }, 1],
  ])('leaves two threads of the pool free: %j', (machine, size) => {
    expect(gateSize(machine)).toBe(size);
  });
});
