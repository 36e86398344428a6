import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bucket } from '#domain/limits.ts';
import { takenOf } from '../../../contracts/rate-limiter.contract.ts';
import { type RedisServer, startRedis } from '../../../support/redis-setup.ts';
import { selfSignedCertificate } from '../../../support/self-signed-certificate.ts';
import { type LimiterScene, openLimiter, redisUrl } from './redis-scene.ts';

const BUCKET: Bucket = { name: 'login-host', subject: '192.0.2.1' };
/** One deadline of a command, and a busy machine. */
const BOUND_MS = 500;
const HONEST_WITHIN = { timeout: 5_000, interval: 20 };
const HEALED_WITHIN = { timeout: 10_000, interval: 20 };

describe.skipIf(redisUrl === null)('A RedisRateLimiter whose Redis fails', { timeout: 30_000 }, () => {
  let server: RedisServer;
  let scene: LimiterScene;
  const take = () => scene.limiter.take(BUCKET);
  const degraded = (expected: boolean) => expect(scene.breaker.isOpen).toBe(expected);

  beforeEach(async () => {
    server = await started();
    scene = await openLimiter(server.url);
    degraded(false);
  });

  afterEach(async () => {
    scene.close();
    await server.stop();
  });

  it('lets the calls under way pay for a hang once, and later ones nothing', async () => {
    process.kill(server.pid, 'SIGSTOP');
    const together = await Promise.all(Array.from({ length: 20 }, () => timed(take)));
    expect(takenOf(together.map(({ answer }) => answer))).toBe(10);
    expect(longest(together)).toBeLessThan(BOUND_MS);
    degraded(true);

    const later = [];
    for (let count = 0; count < 200; count += 1) later.push(await timed(take));
    expect(takenOf(later.map(({ answer }) => answer))).toBe(0);
    expect(longest(later)).toBeLessThan(100);
  });

  it('lets one request that takes seven points and gives them back pay for a hang once', async () => {
    process.kill(server.pid, 'SIGSTOP');
    const { ms } = await timed(async () => {
      for (let count = 0; count < 7; count += 1) await take();
      for (let count = 0; count < 7; count += 1) await scene.limiter.giveBack(BUCKET);
    });

    expect(ms).toBeLessThan(BOUND_MS);
  });

  it('notices a hang without traffic, and its end, and counts in Redis again', async () => {
    process.kill(server.pid, 'SIGSTOP');
    await vi.waitFor(() => degraded(true), HONEST_WITHIN);
    process.kill(server.pid, 'SIGCONT');
    await vi.waitFor(() => degraded(false), HEALED_WITHIN);

    await take();
    expect(await counted()).toBe(1);
  });

  it('goes on when Redis is killed under load, and heals when it is started again', async () => {
    const load = Array.from({ length: 50 }, () => timed(take));
    const { port } = new URL(server.url);
    await server.stop();
    const answers = [...(await Promise.all(load)), ...(await Promise.all(Array.from({ length: 50 }, () => timed(take))))];
    expect(longest(answers)).toBeLessThan(BOUND_MS);
    await vi.waitFor(() => degraded(true), HONEST_WITHIN);
    await vi.waitFor(() => expect(scene.errors).not.toEqual([]), HONEST_WITHIN);

    server = await started(Number(port));
    await vi.waitFor(() => degraded(false), HEALED_WITHIN);
    expect(takenOf(await Promise.all(Array.from({ length: 30 }, take)))).toBe(10);
    expect(await counted()).toBe(30);
  });

  it('counts no point twice that was under way when the connection broke', async () => {
    const other = await openLimiter(server.url);
    const id = String(await scene.redis.client('ID'));
    await other.redis.client('PAUSE', 5_000, 'WRITE');
    const taking = take();
    await vi.waitFor(async () => expect(await other.redis.call('CLIENT', 'LIST', 'ID', id)).toMatch(/cmd=eval/));
    const ready = once(scene.redis, 'ready');
    await other.redis.client('KILL', 'ID', id);
    await ready;
    await other.redis.client('UNPAUSE');

    expect((await taking).kind).toBe('taken');
    expect(await scene.redis.keys(`${scene.keyPrefix}${BUCKET.name}:*`)).toEqual([]);
    other.close();
  });

  it.each([
    { what: 'is full', breakIt: ['CONFIG', 'SET', 'maxmemory', '1'], mendIt: ['CONFIG', 'SET', 'maxmemory', '0'] },
    { what: 'has become a replica', breakIt: ['REPLICAOF', '127.0.0.1', '1'], mendIt: ['REPLICAOF', 'NO', 'ONE'] },
  ])('counts by its insurance while Redis $what, says so, and heals', async ({ breakIt, mendIt }) => {
    await order(breakIt);
    const answers = await Promise.all(Array.from({ length: 100 }, () => timed(take)));
    expect(takenOf(answers.map(({ answer }) => answer))).toBe(10);
    expect(longest(answers)).toBeLessThan(BOUND_MS);
    await vi.waitFor(() => degraded(true), HONEST_WITHIN);

    // PING is answered all the while; the breaker must not take that for health.
    expect(await scene.redis.ping()).toBe('PONG');
    await scene.breaker.probe();
    degraded(true);

    await order(mendIt);
    await vi.waitFor(() => degraded(false), HEALED_WITHIN);
  });

  it('opens without waiting for a Redis that hangs, and heals', async () => {
    scene.close();
    process.kill(server.pid, 'SIGSTOP');
    const { ms, answer } = await timed(() => openLimiter(server.url));
    scene = answer;
    expect(ms).toBeLessThan(1_000);
    expect((await timed(take)).ms).toBeLessThan(100);
    degraded(true);

    process.kill(server.pid, 'SIGCONT');
    await vi.waitFor(() => degraded(false), HEALED_WITHIN);
  });

  it('closes at once while Redis hangs, and may be closed twice', async () => {
    process.kill(server.pid, 'SIGSTOP');
    const ended = once(scene.redis, 'end');
    const { ms } = await timed(async () => {
      scene.close();
      scene.close();
      await ended;
    });

    expect(ms).toBeLessThan(BOUND_MS);
    expect((await take()).kind).toBe('taken');
  });

  it('starts degraded with a password that Redis refuses, and hands it to nobody', async () => {
    await order(['CONFIG', 'SET', 'requirepass', 'the-right-one']);
    scene.close();
    scene = await openLimiter(server.url.replace('redis://', 'redis://:hunter2@'));

    degraded(true);
    expect(scene.errors[0]?.message).toContain('WRONGPASS');
    expect(inspect(scene.errors, { depth: null, showHidden: true })).not.toContain('hunter2');
  });

  async function counted(): Promise<number> {
    const [key = ''] = await scene.redis.keys(`${scene.keyPrefix}${BUCKET.name}:*`);
    return Number(await scene.redis.get(key));
  }

  async function order([command = '', ...args]: readonly string[]): Promise<void> {
    expect(await scene.redis.call(command, ...args)).toBe('OK');
  }
});

describe('A RedisRateLimiter whose Redis was never there', () => {
  it.each([
    { what: 'refuses', listening: false },
    { what: 'never says a word', listening: true },
  ])('starts degraded when the port $what', async ({ listening }) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const port = portOf(silent);
    if (!listening) silent.close();

    const { ms, answer: scene } = await timed(() => openLimiter(`redis://127.0.0.1:${port}`));
    expect(ms).toBeLessThan(1_000);
    expect(scene.breaker.isOpen).toBe(true);
    expect(takenOf(await Promise.all(Array.from({ length: 30 }, () => scene.limiter.take(BUCKET))))).toBe(10);

    scene.close();
    silent.close();
  });

  it('speaks TLS to a rediss:// address, and says nothing to a server whose certificate it cannot check', async () => {
    const heard: Buffer[] = [];
    const server = createTlsServer(selfSignedCertificate(), (socket) => {
      socket.on('data', (chunk) => heard.push(chunk)).on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');

    const scene = await openLimiter(`rediss://:secret@127.0.0.1:${portOf(server)}/2`);
    expect(scene.errors[0]).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(scene.breaker.isOpen).toBe(true);
    expect(heard).toEqual([]);

    scene.close();
    server.close();
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen.');
  return address.port;
}

async function started(port?: number): Promise<RedisServer> {
  const server = await startRedis(port);
  if (server === null) throw new Error('There was a redis-server a moment ago.');
  return server;
}

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const startedAt = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - startedAt };
}

function longest(runs: readonly { ms: number }[]): number {
  return Math.max(...runs.map(({ ms }) => ms));
}
