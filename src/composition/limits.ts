import { ContainerModule } from 'inversify';
import { MemoryRateLimiter } from '#adapters/outbound/memory/memory-rate-limiter.ts';
import { type OpenRedis, openRedis } from '#adapters/outbound/redis/open-redis.ts';
import { RedisRateLimiter } from '#adapters/outbound/redis/redis-rate-limiter.ts';
import type { Config } from './config.ts';
import { tokens as T } from './tokens.ts';

/** Where points are counted. */
export type Counter = { readonly kind: 'memory'; close(): void } | ({ readonly kind: 'redis'; readonly keyPrefix: string } & OpenRedis);

export async function openCounter(config: Config['limiter'], onError: (error: Error) => void): Promise<Counter> {
  switch (config.kind) {
    case 'memory':
      return { kind: 'memory', close: () => undefined };
    case 'redis': {
      const { url, keyPrefix } = config;
      return { kind: 'redis', keyPrefix, ...(await openRedis(url, { keyPrefix, onError, now: () => performance.now() })) };
    }
  }
}

export function limitsModule(counter: Counter, quotas: Config['quotas'], hashSubject: (subject: string) => string): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const inProcess = new MemoryRateLimiter(quotas);
    switch (counter.kind) {
      case 'memory':
        bind(T.limiter).toConstantValue(inProcess);
        return;
      case 'redis': {
        const { redis, breaker, keyPrefix } = counter;
        bind(T.limiter).toConstantValue(new RedisRateLimiter({ redis, breaker, quotas, keyPrefix, hashSubject, insurance: inProcess }));
        return;
      }
    }
  });
}
