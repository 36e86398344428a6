import 'reflect-metadata';
import type { AnyTRPCRouter } from '@trpc/server';
import type { Express, Router } from 'express';
import { Container } from 'inversify';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { startBackground } from './background.ts';
import { limitsModule, openCounter } from './limits.ts';
import { mailModule, openPost } from './mail.ts';
import { openStore, persistenceModule } from './persistence.ts';
import { policiesOf } from './policies.ts';
import { openKeys, securityModule } from './security.ts';
import { tokens as T } from './tokens.ts';
import { caseModule } from './use-cases.ts';
import { WakingOutbox } from './waking-outbox.ts';
import { createApp } from '#adapters/inbound/express/create-app.ts';
import { createTrpcHandler } from '#adapters/inbound/express/trpc-handler.ts';
import { appRouter } from '#adapters/inbound/trpc/app-router.ts';
import { derive } from '#adapters/outbound/crypto/token-keys.ts';
import { randomId } from '#adapters/outbound/system/random-ids.ts';

export interface OpenSettings {
  readonly logger: Logger;
  /** Of this process: UV_THREADPOOL_SIZE, 4 where it is unset. */
  readonly threadPoolSize?: number;
  /** Gives up waiting for a database that is not there. */
  readonly signal?: AbortSignal;
  /** Wraps or replaces ports by their tokens, before anything is made of them: a mail transport of the host's own, say. */
  readonly adapt?: ((container: Container) => void) | undefined;
}

/** The open service: connected and ready to answer, its background work begun. */
export interface Sallyport {
  /** Everything, by its token: for whoever needs a part that no handler carries, and for tests. */
  readonly container: Container;
  /** The whole HTTP side, for a server of one's own. */
  readonly app: Express;
  /** A router at /trpc of a host's own Express app: ours merged into the host's. */
  handler(router: AnyTRPCRouter): Router;
  /** From now on `/readyz` says no, so that a balancer looks elsewhere. */
  announceStop(): void;
  /** Awaits running jobs and mails being sent, then closes everything in order. May be called twice. */
  close(): Promise<void>;
}

/** Opens everything that the configuration names, in order; what a start cannot wait for is closed again when it fails. */
export async function openSallyport(
  config: Config,
  { logger, threadPoolSize = 4, signal = new AbortController().signal, adapt }: OpenSettings,
): Promise<Sallyport> {
  const closers: (() => unknown)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await open(config, { logger, threadPoolSize, signal, adapt, closers, closeAll });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Opening extends Required<Omit<OpenSettings, 'adapt'>>, Pick<OpenSettings, 'adapt'> {
  readonly closers: (() => unknown)[];
  readonly closeAll: () => Promise<void>;
}

async function open(config: Config, { logger, threadPoolSize, signal, adapt, closers, closeAll }: Opening): Promise<Sallyport> {
  const now = () => new Date();
  const keys = await openKeys(config.keys);
  const onWaiting = () => logger.warn('Waiting for MongoDB; nothing is served until it answers.');
  const onReplacing = () => logger.warn('The client of MongoDB gets no answer where a new one does; replacing it.');
  const store = await openStore(config.persistence, { onWaiting, onReplacing, signal });
  closers.push(store.close);
  const counter = await openCounter(config.limiter, (error) => logger.debug({ err: error }, 'Redis cannot be reached.'));
  closers.push(counter.close);
  const post = await openPost(config.mail, { appName: config.appName, now });
  closers.push(post.close);

  const policies = policiesOf(config);
  let wake = (): void => undefined;
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(
    await securityModule(config, { keys, logger, threadPoolSize }),
    persistenceModule(store, (outbox) => new WakingOutbox(outbox, () => wake())),
    limitsModule(counter, config.quotas, (subject) => derive(keys.token[0], 'limiter', subject)),
    mailModule(post),
    caseModule(policies),
  );
  adapt?.(container);

  const background = startBackground(container, {
    purgeCron: config.purgeCron,
    purgeRestMs: policies.purge.restMs,
    owner: randomId(),
    logger,
  });
  wake = background.wake;
  closers.push(background.stop);

  let stopping = false;
  const http = {
    useCases: inboundUseCases(container),
    securityLog: container.get(T.securityLog),
    publicUrl: config.http.publicUrl,
    corsOrigins: config.http.corsOrigins,
    now,
    newRequestId: randomId,
    onError: (error: unknown, at: { requestId: string; path: string }) => logger.error({ err: error, ...at }, 'A request failed.'),
  };
  const app = createApp({
    ...http,
    router: appRouter,
    trustProxy: config.http.trustProxy,
    inbox: post.inbox,
    jwks: { keys: keys.jwt.map(({ publicJwk }) => publicJwk) },
    isStopping: () => stopping,
    checks: {
      persistence: async () => ((await store.isHealthy()) ? 'ok' : 'down'),
      limiter: () => (counter.kind === 'redis' && counter.breaker.isOpen ? 'degraded' : 'ok'),
      mail: () => (background.isTransportDown() ? 'degraded' : 'ok'),
    },
  });
  const announceStop = () => {
    stopping = true;
  };
  return {
    container,
    app,
    handler: (router) => createTrpcHandler(http, router),
    announceStop,
    close: () => {
      announceStop();
      return closeAll();
    },
  };
}

function inboundUseCases(container: Container) {
  return {
    registerUser: container.get(T.registerUser),
    getRegistration: container.get(T.getRegistration),
    resendVerification: container.get(T.resendVerification),
    changeRegistrationEmail: container.get(T.changeRegistrationEmail),
    disownRegistration: container.get(T.disownRegistration),
    verifyEmail: container.get(T.verifyEmail),
    login: container.get(T.login),
    rotateRefresh: container.get(T.rotateRefresh),
    logout: container.get(T.logout),
    getProfile: container.get(T.getProfile),
  };
}
