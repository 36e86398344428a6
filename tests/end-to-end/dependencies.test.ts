import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { Browser, reasonOf } from '../support/browser.ts';
import { startRedis } from '../support/redis-setup.ts';
import { endAllServices, eventually, freePort, healthOf, type RunningService, startService } from '../support/service.ts';
import { PASSWORD, signedUp } from '../support/sign-up.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});
afterAll(endAllServices);

/** How long a call took, and why it was refused, if it was. */
async function timed(call: () => Promise<unknown>): Promise<{ reason: string; ms: number }> {
  const began = performance.now();
  const reason = await call().then(
    () => 'answered',
    (error: { data?: { reason?: string } }) => error.data?.reason ?? 'lost',
  );
  return { reason, ms: performance.now() - began };
}

describe.skipIf(inject('mongoUri') === null)('MongoDB', () => {
  async function startMongo(port?: number): Promise<MongoMemoryServer> {
    const server = await MongoMemoryServer.create(port === undefined ? {} : { instance: { port } });
    cleanUp.push(() => server.stop());
    return server;
  }

  async function onMongo(uri: string): Promise<Record<string, string>> {
    const { tokenKeys, jwtKeys } = await generateKeys();
    return { MONGODB_URI: uri, TOKEN_KEYS: tokenKeys, JWT_KEYS: jwtKeys };
  }

  it('missing at the start: waits without listening and says so, serves when it is there, ends when told', async () => {
    const port = await freePort();
    const env = await onMongo(`mongodb://127.0.0.1:${port}/door`);
    const service = await startService({ env, eager: true });
    await eventually(
      async () => service.output(),
      (output) => output.includes('Waiting for MongoDB'),
    );
    await expect(fetch(`${service.url}/healthz`)).rejects.toThrow();

    const another = await startService({ env, eager: true });
    await eventually(
      async () => another.output(),
      (output) => output.includes('Waiting for MongoDB'),
    );
    expect(await another.stop()).toBe(0);

    await startMongo(port);
    await eventually(
      () =>
        fetch(`${service.url}/readyz`).then(
          ({ status }) => status,
          () => 0,
        ),
      (status) => status === 200,
      15_000,
    );
    expect(await service.stop()).toBe(0);
  });

  it('frozen, then gone, then back: `unavailable` within three seconds everywhere, the same for every address, and healed by itself', async () => {
    const server = await startMongo();
    const service = await startService({ env: await onMongo(`${server.getUri()}door`) });
    const ada = await signedUp(service.url, 'ada@example.com');
    // What a frozen server was told it may still do when it thaws, so signing out is for somebody else.
    const leaver = await signedUp(service.url, 'leaver@example.com');
    const pid = server.instanceInfo?.instance.mongodProcess?.pid ?? 0;

    process.kill(pid, 'SIGSTOP');
    const stranger = new Browser(service.url);
    const calls: [string, () => Promise<unknown>][] = [
      ['me', () => ada.trpc.auth.me.query()],
      ['refresh', () => ada.trpc.auth.refresh.mutate()],
      ['login of a user', () => stranger.trpc.auth.login.mutate({ email: 'ada@example.com', password: PASSWORD })],
      ['login of nobody', () => stranger.trpc.auth.login.mutate({ email: 'nobody@example.com', password: PASSWORD })],
      [
        'register',
        () => new Browser(service.url).trpc.auth.register.mutate({ name: 'Bert', email: 'bert@example.com', password: PASSWORD }),
      ],
      ['resend', () => stranger.trpc.auth.resendVerification.mutate({ email: 'ada@example.com' })],
      ['logout', () => leaver.trpc.auth.logout.mutate()],
    ];
    const frozen = await Promise.all(calls.map(async ([name, call]) => ({ name, ...(await timed(call)) })));
    expect(frozen.filter(({ reason }) => reason !== 'unavailable')).toEqual([]);
    expect(frozen.filter(({ ms }) => ms > 3_000)).toEqual([]);
    expect((await healthOf(service.url)).checks['persistence']).toBe('down');
    process.kill(pid, 'SIGCONT');
    await eventually(
      () => timed(() => ada.trpc.auth.me.query()),
      ({ reason }) => reason === 'answered',
    );

    process.kill(pid, 'SIGKILL');
    const gone = await timed(() => ada.trpc.auth.me.query());
    expect(gone.reason).toBe('unavailable');
    expect(gone.ms).toBeLessThan(3_000);
    expect(service.process.exitCode).toBeNull();
  });

  it('with an index of ours that is wrong: refuses to start, by name', async () => {
    const server = await startMongo();
    const env = await onMongo(`${server.getUri()}door`);
    await (await startService({ env })).stop();
    const { createConnection } = await import('mongoose');
    const connection = await createConnection(`${server.getUri()}door`).asPromise();
    await connection.collection('users').dropIndex('by_email');
    await connection.collection('users').createIndex({ canonical: 1 }, { name: 'by_email' });
    await connection.close();

    const refused = await startService({ env, eager: true });
    await eventually(
      async () => refused.process.exitCode,
      (code) => code !== null,
    );
    expect(refused.process.exitCode).toBe(1);
    expect(refused.output()).toContain('users.by_email');
  });
});

describe.skipIf(inject('redisUrl') === null)('Redis', () => {
  async function start(port: number): Promise<{ pid: number; stop(): Promise<void> }> {
    const server = await startRedis(port);
    if (server === null) throw new Error('no redis-server');
    cleanUp.push(() => server.stop());
    return server;
  }

  async function loginsDuring(service: RunningService, count: number, email: string): Promise<{ reason: string; ms: number }[]> {
    const answers = [];
    for (let n = 0; n < count; n += 1)
      answers.push(await timed(() => new Browser(service.url).trpc.auth.login.mutate({ email, password: PASSWORD })));
    return answers;
  }

  it('absent at the start, then there, frozen, thawed and killed: no request fails or waits for it, and limits still bite', async () => {
    const port = await freePort();
    const service = await startService({
      env: { REDIS_URL: `redis://127.0.0.1:${port}`, LIMIT_LOGIN: '1000/15m', LIMIT_LOGIN_ADDRESS: '1000/15m' },
    });
    expect((await healthOf(service.url)).checks['limiter']).toBe('degraded');
    await signedUp(service.url, 'ada@example.com');

    const server = await start(port);
    await eventually(
      () => healthOf(service.url),
      ({ checks }) => checks['limiter'] === 'ok',
    );
    const well = await loginsDuring(service, 5, 'ada@example.com');

    process.kill(server.pid, 'SIGSTOP');
    const frozen = await loginsDuring(service, 12, 'ada@example.com');
    await eventually(
      () => healthOf(service.url),
      ({ checks }) => checks['limiter'] === 'degraded',
    );
    const slowest = Math.max(...frozen.map(({ ms }) => ms));
    process.kill(server.pid, 'SIGCONT');
    await eventually(
      () => healthOf(service.url),
      ({ checks }) => checks['limiter'] === 'ok',
    );

    await server.stop();
    const killed = await loginsDuring(service, 5, 'ada@example.com');
    expect([...well, ...frozen, ...killed].filter(({ reason }) => reason !== 'answered')).toEqual([]);
    // At most three calls in a row pay the 300 ms before the breaker opens; all of them may be one request's.
    expect(slowest).toBeLessThan(1_500);
    expect(frozen.filter(({ ms }) => ms > 500).length).toBeLessThanOrEqual(1);
  });

  it('gone: guesses are still counted, by the insurance', async () => {
    const service = await startService({ env: { REDIS_URL: `redis://127.0.0.1:${await freePort()}` } });
    const reasons = [];
    for (let n = 0; n < 15; n += 1) {
      reasons.push(await reasonOf(new Browser(service.url).trpc.auth.login.mutate({ email: 'nobody@example.com', password: PASSWORD })));
    }
    expect(reasons.filter((reason) => reason === 'invalid-credentials')).toHaveLength(10);
    expect(reasons.slice(10)).toEqual(Array(5).fill('too-many-requests'));
  });
});
