import { Redis } from 'ioredis';
import { RedisBreaker } from './redis-breaker.ts';

export interface OpenRedis {
  readonly redis: Redis;
  readonly breaker: RedisBreaker;
  /** May be called twice; a Redis that hangs is not waited for. */
  close(): void;
}

export interface RedisSettings {
  readonly keyPrefix: string;
  /** Hears of every failed connection: about once a second while Redis is gone. */
  readonly onError: (error: Error) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

const COMMAND_MS = 300;
const PROBE_MS = 1_000;
const PROBE_KEPT_MS = 60_000;

/**
 * Connects in the background: without Redis the start goes on, degraded. No command waits in a queue for a connection,
 * none is tried twice (a point would count twice), and none takes longer than 300 ms.
 */
export async function openRedis(url: string, { keyPrefix, onError, now }: RedisSettings): Promise<OpenRedis> {
  const redis = new Redis(withoutTlsMark(url), {
    lazyConnect: true,
    enableOfflineQueue: false,
    // With 1, what was under way when a connection broke would be sent again over the next.
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: COMMAND_MS,
    disconnectTimeout: COMMAND_MS,
    retryStrategy: (times) => Math.min(100 * times, PROBE_MS),
  });
  redis.on('error', (error) => {
    // A refused password comes along as an argument of the command that failed.
    Reflect.deleteProperty(error, 'command');
    onError(error);
  });
  // Its failure is told by the event above; a hung Redis would never settle it.
  redis.connect().catch(() => undefined);

  // A Redis that is full, or has become a replica, still answers PING: only a write shows that it counts.
  const write = () => redis.set(`${keyPrefix}probe`, 1, 'PX', PROBE_KEPT_MS);
  const breaker = new RedisBreaker({ probe: write, now });
  await Promise.race([firstConnection(redis), new Promise((resolve) => setTimeout(resolve, COMMAND_MS).unref())]);
  await breaker.probe();
  const heart = setInterval(() => void breaker.probe(), PROBE_MS).unref();
  return {
    redis,
    breaker,
    close: () => {
      clearInterval(heart);
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
