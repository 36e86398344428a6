import { Redis } from 'ioredis';
import { RedisBreaker } from './redis-breaker.ts';

export interface OpenRedis {
  readonly redis: Redis;
  readonly breaker: RedisBreaker;
  /** May be called twice; a Redis that hangs is not waited for. */
  close(): void;
}

const COMMAND_MS = 300;
const HEARTBEAT_MS = 1_000;

/**
 * Connects in the background: without Redis the start goes on, degraded. No command waits in a queue for a connection,
 * none is tried twice, and none takes longer than 300 ms. `onError` hears of every failed connection.
 */
export async function openRedis(url: string, onError: (error: Error) => void): Promise<OpenRedis> {
  const redis = new Redis(withoutTlsMark(url), {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 1_000,
    commandTimeout: COMMAND_MS,
    retryStrategy: (times) => Math.min(100 * times, HEARTBEAT_MS),
  });
  redis.on('error', onError);
  // Its failure is told by the event above; a hung Redis would never settle it.
  redis.connect().catch(() => undefined);

  const breaker = new RedisBreaker({ ping: () => redis.ping(), everyMs: HEARTBEAT_MS });
  await Promise.race([firstConnection(redis), new Promise((resolve) => setTimeout(resolve, COMMAND_MS).unref())]);
  await breaker.beat();
  return {
    redis,
    breaker,
    close: () => {
      breaker.stop();
      redis.disconnect();
    },
  };
}

function firstConnection(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    redis.once('ready', resolve);
    redis.once('error', () => resolve());
  });
}

/** `?tls=false` is for the operator's conscience; the driver would take it for an option. */
function withoutTlsMark(url: string): string {
  const parsed = new URL(url);
  parsed.searchParams.delete('tls');
  return parsed.href;
}
