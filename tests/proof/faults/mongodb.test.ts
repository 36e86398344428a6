import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mongoose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inForm } from '../form.ts';
import { Browser } from '../../support/browser.ts';
import { endAllServices, eventually, freePort, startService } from '../../support/service.ts';
import { PASSWORD } from '../../support/sign-up.ts';
import { openTcpProxy } from '../../support/tcp-proxy.ts';
import { CLOSING_MS, type Endured, type Ground, openGround } from './ground.ts';
import { tokenOf } from './letters.ts';

const lasting = inForm({ short: 1_500, long: 60_000 });

describe.skipIf(inject('redisUrl') === null || inject('mongoUri') === null)('MongoDB', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround('faults of MongoDB');
  });
  afterAll(async () => {
    await ground?.close();
    await endAllServices();
  }, CLOSING_MS);

  /** Whoever asks meanwhile is told `unavailable`, and soon; nobody is cut off. */
  const honest = ({ unavailable, lost, slowestMs }: Endured) => {
    expect(unavailable).toBeGreaterThan(0);
    expect(lost).toBe(0);
    expect(slowestMs).toBeLessThan(3_000);
  };
  /** For a third instance, on a wire of its own, which nobody else talks over. */
  const aside = async () => {
    const wire = await openTcpProxy({ target: ground.field.mongo.port });
    const port = await freePort();
    const MONGODB_URI = `mongodb://127.0.0.1:${wire.port}/door?directConnection=true`;
    return { wire, port, env: { ...ground.field.env, MONGODB_URI, PUBLIC_URL: `http://localhost:${port}`, CORS_ORIGINS: '' } };
  };
  const databaseIs = (health: string) =>
    eventually(
      () => ground.field.health('persistence'),
      (states) => states.every((state) => state === health),
      8_000,
    );

  it('F11 a commit whose answer is lost: who asks again gets what they would have got', async () => {
    const { wire } = ground.field.mongo;
    await ground.endure('F11', 'the answers to `insert` and `findAndModify` cut off, twenty each', async () => {
      for (let n = 0; n < 20; n += 1) {
        await wire.loseAnswerTo('findAndModify');
        await wire.loseAnswerTo('insert');
      }
    });
  });

  it('F11 a confirmation and a refresh whose own commit was not heard of: the first can be had again, the second heals itself', async () => {
    const { wire, port, env } = await aside();
    const service = await startService({ port, env });
    const ada = new Browser(service.url);
    await ada.trpc.auth.register.mutate({ name: 'Ada', email: 'ada@example.com', password: PASSWORD });
    const token = await eventually(
      async () => ground.field.smtp.mails.filter(({ to }) => to.includes('ada@example.com')).map(tokenOf)[0] ?? null,
      (found) => found !== null,
    );

    const confirmation = wire.loseAnswerTo('passwordHash');
    const first = await ada.post('auth.verifyEmail', { token });
    await confirmation;
    expect([first.status, (await ada.post('auth.verifyEmail', { token })).status]).toEqual([503, 409]);
    await ada.login('ada@example.com', PASSWORD);

    const refreshed = wire.loseAnswerTo('replaced');
    const rotated = await ada.post('auth.refresh');
    await refreshed;
    expect([rotated.status, (await ada.post('auth.refresh')).status]).toEqual([200, 200]);
    expect(await service.stop()).toBe(0);
    ground.note(
      'F11',
      'the very write of a confirmation and of a refresh, its answer cut off',
      '`already-verified`, then signs in; the one successor',
    );
  });

  it('F7 absent at the start: waits without listening, says so, and serves when it is there', async () => {
    const { wire, port, env } = await aside();
    await wire.become('refuse');
    const late = await startService({ port, env, eager: true });
    await eventually(
      async () => late.output(),
      (output) => output.includes('Waiting for MongoDB'),
    );
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();

    await wire.become('pass');
    const status = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        (answer) => answer.status,
        () => 0,
      );
    await eventually(status, (code) => code === 200);
    expect(await late.stop()).toBe(0);
    ground.note('F7', 'MongoDB absent when a third instance starts', 'does not listen, then serves');
  });

  it('F8 reset, then refused: `unavailable` within three seconds, healed by itself', async () => {
    const { wire } = ground.field.mongo;
    honest(
      await ground.endure('F8', `connections reset, then refused for ${lasting / 1_000} s`, async () => {
        wire.cut();
        await sleep(500);
        await wire.become('refuse');
        await databaseIs('down');
        await sleep(lasting);
        await wire.become('pass');
        await databaseIs('ok');
      }),
    );
  });

  it('F9 frozen: the same, though no socket closes', async () => {
    const { mongo } = ground.field;
    honest(
      await ground.endure('F9', `SIGSTOP for ${lasting / 1_000} s`, async () => {
        mongo.freeze();
        await databaseIs('down');
        await sleep(lasting);
        mongo.thaw();
        await databaseIs('ok');
      }),
    );
  });

  it('killed and started again: what was acknowledged is there', async () => {
    const { mongo } = ground.field;
    const seen = await ground.endure('F8', 'kill -9, started again on its data', async () => {
      await mongo.kill();
      await mongo.restart();
      await databaseIs('ok');
    });
    expect(seen.lost).toBe(0);
    expect(seen.slowestMs).toBeLessThan(3_000);
  });

  it('F12 an index of ours that is wrong: refuses to start, by name', async () => {
    const { mongo, env } = ground.field;
    const elsewhere = await createConnection(`mongodb://127.0.0.1:${mongo.port}/elsewhere`).asPromise();
    await elsewhere.collection('users').createIndex({ canonical: 1 }, { name: 'by_email' });
    await elsewhere.close();
    const refused = await startService({
      env: { ...env, MONGODB_URI: `mongodb://127.0.0.1:${mongo.port}/elsewhere` },
      eager: true,
    });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toContain('users.by_email');
    ground.note('F12', 'an index of ours that is not unique', 'does not start, names the index');
  });

  it('F37 a pool of one connection: slower, never stuck', async () => {
    const { port, env } = await aside();
    const service = await startService({ port, env: { ...env, MONGODB_POOL_SIZE: '1' } });
    const people = Array.from({ length: 30 }, (_, n) => ({ browser: new Browser(service.url), email: `narrow-${n}@example.com` }));
    const began = performance.now();
    const statuses = await Promise.all(
      people.map(async ({ browser, email }) => (await browser.post('auth.register', { name: 'Narrow', email, password: PASSWORD })).status),
    );
    const took = performance.now() - began;
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(took).toBeLessThan(5_000);
    expect((await people[0]!.browser.trpc.auth.registration.query())?.state).toBe('waiting');
    expect(await service.stop()).toBe(0);
    ground.note(
      'F37',
      '`MONGODB_POOL_SIZE=1`, thirty sign-ups at once',
      `${statuses.filter((status) => status === 200).length} / ${statuses.filter((status) => status === 503).length} / 0`,
    );
  });
});
