import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Redis } from 'ioredis';
import { inForm } from '../form.ts';
import { Browser, reasonOf } from '../../support/browser.ts';
import { endAllServices, eventually } from '../../support/service.ts';
import { CLOSING_MS, type Endured, type Ground, openGround } from './ground.ts';

const lasting = inForm({ short: 1_500, long: 30_000 });

describe.skipIf(inject('redisUrl') === null || inject('mongoUri') === null)('Redis', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround('faults of Redis');
  });
  afterAll(async () => {
    await ground?.close();
    await endAllServices();
  }, CLOSING_MS);

  /** Nobody is refused for want of Redis, and only the requests that find it gone wait for it: for the breaker's 300 ms, a few times. */
  const unharmed = ({ unavailable, lost, slowestMs }: Endured) => {
    expect({ unavailable, lost }).toEqual({ unavailable: 0, lost: 0 });
    expect(slowestMs).toBeLessThan(1_500);
  };
  /** Of those who asked while the breaker was open: without it, each would wait for the 300 ms of every call. */
  const shareThatWaited = (from: number) => {
    const asked = ground.crowd.answers.filter(({ at, ms }) => at - ms > from && at < from + lasting);
    expect(asked.length).toBeGreaterThan(10);
    return asked.filter(({ ms }) => ms > 300).length / asked.length;
  };
  const limiterIs = (health: string) =>
    eventually(
      () => ground.field.health('limiter'),
      (states) => states.every((state) => state === health),
      5_000,
    );
  const tell = async (command: string, ...parameters: string[]) => {
    const client = new Redis(ground.field.redis.port);
    await client.call(command, ...parameters);
    client.disconnect();
  };

  it('F1 absent at the start: the service starts all the same, and says degraded', async () => {
    const { field } = ground;
    await ground.endure('F1', 'Redis absent when an instance starts', async () => {
      await field.redis.wire.become('refuse');
      await field.service(0).stop();
      await field.restart(0);
      await limiterIs('degraded');
      await sleep(lasting / 3);
      await field.redis.wire.become('pass');
      await limiterIs('ok');
    });
  });

  it('F2 refused and reset: nobody notices', async () => {
    const { wire } = ground.field.redis;
    unharmed(
      await ground.endure('F2', 'connections reset, then refused', async () => {
        for (let n = 0; n < 5; n += 1) {
          wire.cut();
          await sleep(100);
        }
        await wire.become('refuse');
        await limiterIs('degraded');
        await sleep(lasting);
        await wire.become('pass');
        await limiterIs('ok');
      }),
    );
  });

  it('F3 frozen: a request pays for it once, and then none does', async () => {
    const { redis } = ground.field;
    let from = 0;
    unharmed(
      await ground.endure('F3', `SIGSTOP for ${lasting / 1_000} s`, async () => {
        redis.freeze();
        await limiterIs('degraded');
        from = Date.now();
        await sleep(lasting);
        redis.thaw();
        await limiterIs('ok');
      }),
    );
    expect(shareThatWaited(from)).toBeLessThan(0.1);
  });

  it.each([
    ['-OOM command not allowed', (on: boolean) => tell('CONFIG', 'SET', 'maxmemory', on ? '1' : '0')],
    ['-READONLY, being a replica', (on: boolean) => (on ? tell('REPLICAOF', '127.0.0.1', '1') : tell('REPLICAOF', 'NO', 'ONE'))],
    [
      '-LOADING Redis is loading',
      (on: boolean) => ground.field.redis.wire.become(on ? { answer: '-LOADING Redis is loading the dataset in memory\r\n' } : 'pass'),
    ],
    ['-MOVED to elsewhere', (on: boolean) => ground.field.redis.wire.become(on ? { answer: '-MOVED 3999 127.0.0.1:6381\r\n' } : 'pass')],
  ])('F4 answering %s: as if it were gone', async (what, become) => {
    unharmed(
      await ground.endure('F4', `every command answered ${what}`, async () => {
        await become(true);
        await limiterIs('degraded');
        await sleep(lasting / 3);
        await become(false);
        ground.field.redis.wire.cut();
        await limiterIs('ok');
      }),
    );
  });

  it('F4 its scripts forgotten: sends them again', async () => {
    unharmed(
      await ground.endure('F4', '`SCRIPT FLUSH`, ten times', async () => {
        for (let n = 0; n < 10; n += 1) {
          await tell('SCRIPT', 'FLUSH');
          await sleep(100);
        }
      }),
    );
    expect(await ground.field.health('limiter')).toEqual(['ok', 'ok']);
  });

  it('F5 restarted, with all it knew lost: counting starts again; sessions and sign-outs stay as they were', async () => {
    const { redis, urls } = ground.field;
    const guess = () =>
      reasonOf(new Browser(urls[0]).trpc.auth.login.mutate({ email: 'nobody@example.com', password: 'not their password' }));
    unharmed(
      await ground.endure('F5', 'killed and started empty', async () => {
        await redis.kill();
        await limiterIs('degraded');
        await redis.restart();
        await limiterIs('ok');
        await tell('FLUSHALL');
      }),
    );
    expect(await guess()).toBe('invalid-credentials');
  });

  it('F6 slow by two seconds: the breaker opens, so that not each request pays', async () => {
    const { wire } = ground.field.redis;
    let from = 0;
    unharmed(
      await ground.endure('F6', 'every answer 2 s late', async () => {
        await wire.become({ delayMs: 2_000 });
        await limiterIs('degraded');
        from = Date.now();
        await sleep(lasting);
        await wire.become('pass');
        await limiterIs('ok');
      }),
    );
    expect(shareThatWaited(from)).toBeLessThan(0.1);
  });
});
