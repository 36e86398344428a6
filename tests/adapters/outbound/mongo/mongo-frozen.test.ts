import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { aMessage, aRegistration, aSession, at, aUser, HOUR, MINUTE } from '../../../support/builders.ts';
import { openTestMongo } from '../../../support/test-mongo.ts';
import { openLossyProxy } from './lossy-proxy.ts';
import { MongoLease } from '#adapters/outbound/mongo/mongo-lease.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoRegistrationRepository } from '#adapters/outbound/mongo/mongo-registration-repository.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import { MongoUserRepository } from '#adapters/outbound/mongo/mongo-user-repository.ts';
import { type OpenMongo, openMongo } from '#adapters/outbound/mongo/open-mongo.ts';
import { Unavailable } from '#application/unavailable.ts';

describe.skipIf(inject('mongoUri') === null)('a MongoDB that hangs', () => {
  let server: MongoMemoryServer;
  let mongo: OpenMongo;

  beforeAll(async () => {
    server = await MongoMemoryServer.create();
    mongo = await openTestMongo(server.getUri('door'));
  });

  afterEach(() => signal('SIGCONT'));

  afterAll(async () => {
    await mongo.close();
    await server.stop();
  });

  function signal(name: NodeJS.Signals): void {
    server.instanceInfo?.instance.mongodProcess?.kill(name);
  }

  async function timed(call: () => Promise<unknown>): Promise<{ outcome: unknown; ms: number }> {
    const began = performance.now();
    const outcome = await call().then(
      () => 'answered',
      (error: unknown) => error,
    );
    return { outcome, ms: performance.now() - began };
  }

  it('is unavailable within 2.5 seconds to every call, however many come, and right again once it goes on', async () => {
    const { database } = mongo;
    const [registrations, sessions] = [new MongoRegistrationRepository(database), new MongoSessionRepository(database)];
    const [users, outbox, lease] = [new MongoUserRepository(database), new MongoOutbox(database), new MongoLease(database)];
    const [registration, session, user] = [aRegistration(), aSession(), aUser()];
    await registrations.add(registration);
    await sessions.add(session);
    await users.create(user);

    const calls = [
      () => registrations.add(aRegistration()),
      () => registrations.findLive({ id: registration.id }, at(0)),
      () => registrations.requestMail({ id: registration.id, now: at(MINUTE), cooldownMs: MINUTE }),
      () => registrations.recordMail(registration.id, { mail: 'held' }, at(0)),
      () => registrations.purge({ now: at(0), limit: 10 }),
      () => sessions.findAlive(session.id, at(0)),
      () => sessions.rotate({ sessionId: session.id, generation: 1, now: at(0), graceMs: MINUTE, idleMs: HOUR }),
      () => sessions.end({ id: session.id, reason: 'logout', now: at(HOUR) }),
      () => users.create(aUser()),
      () => users.findByEmail(user.email.canonical),
      () => outbox.add(aMessage(), { capacity: 10 }),
      () => outbox.claim({ owner: 'worker', now: at(0), leaseMs: MINUTE }),
      () => lease.acquire({ name: 'job', owner: 'worker', now: at(0), ttlMs: MINUTE }),
    ];
    // The pool is warm, its connections stay open, and there are more callers than connections.
    await Promise.all(Array.from({ length: 20 }, () => users.find(user.id)));

    signal('SIGSTOP');
    for (const wave of [[...calls, ...calls, ...calls], calls]) {
      const outcomes = await Promise.all(wave.map(timed));
      for (const { outcome } of outcomes) expect(outcome).toBeInstanceOf(Unavailable);
      expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(2_500);
    }
    const health = await timed(async () => expect(await mongo.isHealthy()).toBe(false));
    expect(health).toMatchObject({ outcome: 'answered' });
    expect(health.ms).toBeLessThan(2_500);

    signal('SIGCONT');
    const thawed = performance.now();
    await expect.poll(() => users.find(user.id).catch(() => 'not yet'), { timeout: 5_000, interval: 50 }).toEqual(user);
    expect(performance.now() - thawed).toBeLessThan(3_000);
    for (let n = 0; n < 20; n += 1) expect(await users.find(user.id)).toEqual(user);
    expect(await mongo.isHealthy()).toBe(true);
  }, 30_000);

  it('is waited for at the start, until somebody gives up', async () => {
    signal('SIGSTOP');
    const waiting = new AbortController();
    const told = vi.fn(() => waiting.abort(new Error('enough')));
    const began = performance.now();
    const opening = openMongo({ uri: server.getUri('door'), poolSize: 1, onWaiting: told, signal: waiting.signal });
    await expect(opening).rejects.toThrow('enough');
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(told).toHaveBeenCalledOnce();
  });

  it('is let go at once by a start that is given up while it hangs over the indexes', async () => {
    const proxy = await openLossyProxy(Number(server.instanceInfo?.port));
    const givingUp = new AbortController();
    proxy.holdAnswerOf('createIndexes', () => givingUp.abort(new Error('enough')));
    const opening = openMongo({
      uri: `mongodb://127.0.0.1:${proxy.port}/door`,
      poolSize: 1,
      onWaiting: () => undefined,
      signal: givingUp.signal,
    });
    await expect(opening).rejects.toThrow('enough');
    await proxy.close();
  });
});
