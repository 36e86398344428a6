import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `null` where no redis-server can be had. */
    redisUrl: string | null;
  }
}

/** Starts one Redis for the run, on a port and in a folder of its own, where there is a redis-server. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const server = await startRedis();
  project.provide('redisUrl', server?.url ?? null);
  if (server !== null) return server.stop;

  const how =
    "Redis: no redis-server on the path or at REDIS_SERVER_BINARY; `apt-get install redis-server` (or your system's package) brings it.";
  if (process.env.REQUIRE_ALL_ADAPTERS === '1') throw new Error(how);
  console.warn(`Skipped, every test with ${how}`);
  return undefined;
}

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A redis-server that keeps nothing on disk, once it answers; `null` where there is none. */
export async function startRedis(port?: number): Promise<RedisServer | null> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-redis-'));
  const chosen = String(port ?? (await freePort()));
  const options = ['--port', chosen, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(process.env.REDIS_SERVER_BINARY ?? 'redis-server', options, { stdio: 'ignore' });
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    await rm(folder, { recursive: true, force: true });
  };

  const spawned = await once(child, 'spawn').then(
    () => true,
    () => false,
  );
  const url = `redis://127.0.0.1:${chosen}`;
  if (child.pid !== undefined && (await answers(url))) return { url, pid: child.pid, stop };
  await stop();
  if (spawned) throw new Error(`The redis-server started on port ${chosen} does not answer.`);
  return null;
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const answered = new AbortController();
  try {
    redis.connect().catch(() => undefined);
    const pong = redis.ping().then((answer) => answer === 'PONG');
    return await Promise.race([pong, sleep(5_000, false, { signal: answered.signal })]);
  } finally {
    answered.abort();
    redis.disconnect();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
