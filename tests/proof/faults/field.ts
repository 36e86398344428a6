import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { type Connection, createConnection } from 'mongoose';
import { startRedis } from '../../support/redis-setup.ts';
import { openScriptedSmtp, type ScriptedSmtp } from '../../support/scripted-smtp.ts';
import { freePort, healthOf, type RunningService, startService } from '../../support/service.ts';
import { openTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';

const rigged = new URL('../../support/rigged-service.mjs', import.meta.url).pathname;

/** What a rigged instance does otherwise; `rigged-service.mjs` says what each is. */
export interface Rig {
  readonly killAt?: string;
  readonly failAt?: string;
  readonly pauseAt?: Readonly<Record<string, number>>;
  readonly clockOffsetMs?: number;
}

/** What looks past the service at a server that is at fault does not wait for it. */
const impatience = { serverSelectionTimeoutMS: 2_000, connectTimeoutMS: 1_000, socketTimeoutMS: 3_000 };

/** A process that can be frozen, killed and started again, and the wire to it. */
export interface Dependency {
  readonly wire: TcpProxy;
  readonly port: number;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** On the same port; MongoDB with its data, Redis with nothing. */
  restart(): Promise<void>;
}

/** Two instances of the built service with everything around them, each wire a proxy. */
export interface Field {
  readonly urls: readonly [string, string];
  readonly mongo: Dependency;
  readonly redis: Dependency;
  readonly smtp: ScriptedSmtp & { readonly wire: TcpProxy };
  /** Past the proxy: what is really there. */
  readonly database: Connection;
  /** The settings of both instances. */
  readonly env: Readonly<Record<string, string>>;
  service(instance: number): RunningService;
  /** A new process in the place of one that has ended; rigged, if told. One that is to be killed is not waited for. */
  restart(instance: number, rig?: Rig): Promise<void>;
  /** What each instance's `/readyz` says, by the dependency's name. */
  health(dependency: 'persistence' | 'limiter' | 'mail'): Promise<(string | undefined)[]>;
  close(): Promise<void>;
}

/** A `MONGODB_URI` of one's own takes the place of the MongoDB at the wire. */
export async function openField(env: Readonly<Record<string, string>> = {}): Promise<Field> {
  const closers: (() => unknown)[] = [];
  const [mongo, redis] = [await openMongo(closers), await openRedis(closers)];
  const smtp = await openSmtp(closers);
  const database = await createConnection(env.MONGODB_URI ?? `mongodb://127.0.0.1:${mongo.port}/door`, impatience).asPromise();
  closers.push(() => database.close());

  const ports = [await freePort(), await freePort()] as const;
  const shared = { ...(await settings({ mongo, redis, smtp, ports })), ...env };
  const services = await Promise.all(ports.map((port) => startService({ port, env: shared })));
  // Whoever a fault has ended is gone already.
  closers.push(() => Promise.all(services.map((service) => (isRunning(service) ? service.stop() : null))));

  const service = (instance: number): RunningService => {
    const found = services[instance];
    if (found === undefined) throw new Error(`There is no instance ${instance}.`);
    return found;
  };
  const urls = [`http://localhost:${ports[0]}`, `http://localhost:${ports[1]}`] as const;
  return {
    ...{ urls, mongo, redis, smtp, database, env: shared, service },
    restart: async (instance, rig) => {
      const options =
        rig === undefined ? { env: shared } : { env: { ...shared, ...rigOf(rig) }, entry: rigged, eager: rig.killAt !== undefined };
      services[instance] = await startService({ port: ports[instance] ?? 0, ...options });
    },
    health: async (dependency) => Promise.all(urls.map(async (url) => (await healthOf(url)).checks[dependency])),
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

/** Environment of a rigged instance. */
function rigOf(rig: Rig): Record<string, string> {
  return { RIG: JSON.stringify(rig), UV_THREADPOOL_SIZE: '4' };
}

export { rigged };

function isRunning({ process: { exitCode, signalCode } }: RunningService): boolean {
  return exitCode === null && signalCode === null;
}

interface Surroundings {
  readonly mongo: Dependency;
  readonly redis: Dependency;
  readonly smtp: Field['smtp'];
  readonly ports: readonly [number, number];
}

/** As shipped, but for limits that a steady load from one address stays under. */
async function settings({ mongo, redis, smtp, ports }: Surroundings): Promise<Record<string, string>> {
  const { tokenKeys, jwtKeys } = await generateKeys();
  return {
    MONGODB_URI: `mongodb://127.0.0.1:${mongo.wire.port}/door?directConnection=true`,
    REDIS_URL: `redis://127.0.0.1:${redis.wire.port}`,
    SMTP_URL: `smtp://127.0.0.1:${smtp.wire.port}`,
    SMTP_REQUIRE_TLS: 'false',
    MAIL_FROM: 'Example <no-reply@example.com>',
    TOKEN_KEYS: tokenKeys,
    JWT_KEYS: jwtKeys,
    PUBLIC_URL: `http://localhost:${ports[0]}`,
    CORS_ORIGINS: `http://localhost:${ports[1]}`,
    ...generousLimits,
  };
}

const generousLimits = {
  LIMIT_GLOBAL: '1000000/15m',
  LIMIT_REGISTER: '1000000/15m',
  LIMIT_LOGIN: '1000000/15m',
  LIMIT_LOGIN_ADDRESS: '1000/15m',
  LIMIT_LOGIN_DEVICE: '1000/15m',
  LIMIT_CONFIRM: '1000000/15m',
  LIMIT_SESSION: '1000000/15m',
  LIMIT_MAIL_PER_ADDRESS: 'off',
};

async function openMongo(closers: (() => unknown)[]): Promise<Dependency> {
  const port = await freePort();
  const dbPath = await mkdtemp(join(tmpdir(), 'sallyport-mongo-'));
  closers.push(() => rm(dbPath, { recursive: true, force: true }));
  const start = () => MongoMemoryServer.create({ instance: { port, portGeneration: false, dbPath, storageEngine: 'wiredTiger' } });
  let server = await start();
  const child = () => server.instanceInfo?.instance.mongodProcess;
  const signal = (name: NodeJS.Signals) => child()?.kill(name);
  const wire = await openTcpProxy({ target: port });
  closers.push(() => server.stop({ doCleanup: false }));
  closers.push(() => wire.close());
  return {
    ...{ wire, port },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    kill: async () => {
      const dying = child();
      if (dying === undefined) return;
      const exit = once(dying, 'exit');
      signal('SIGKILL');
      await exit;
    },
    restart: async () => {
      server = await start();
    },
  };
}

async function openRedis(closers: (() => unknown)[]): Promise<Dependency> {
  const port = await freePort();
  const start = async () => {
    const started = await startRedis(port);
    if (started === null) throw new Error('no redis-server');
    return started;
  };
  let server = await start();
  const wire = await openTcpProxy({ target: port });
  closers.push(() => server.stop());
  closers.push(() => wire.close());
  return {
    ...{ wire, port },
    freeze: () => process.kill(server.pid, 'SIGSTOP'),
    thaw: () => process.kill(server.pid, 'SIGCONT'),
    kill: () => server.stop(),
    restart: async () => {
      server = await start();
    },
  };
}

async function openSmtp(closers: (() => unknown)[]): Promise<Field['smtp']> {
  const server = await openScriptedSmtp();
  const wire = await openTcpProxy({ target: server.port });
  closers.push(() => server.close());
  closers.push(() => wire.close());
  return Object.assign(server, { wire });
}
