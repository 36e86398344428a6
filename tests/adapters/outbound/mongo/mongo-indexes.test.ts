import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { aMessage, anEmail, aRegistration, aSession, at, aUser, HOUR, MINUTE } from '../../../support/builders.ts';
import { databaseOn, openTestMongo } from '../../../support/test-mongo.ts';
import { MongoLease } from '#adapters/outbound/mongo/mongo-lease.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoRegistrationRepository } from '#adapters/outbound/mongo/mongo-registration-repository.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import { MongoUserRepository } from '#adapters/outbound/mongo/mongo-user-repository.ts';
import type { OpenMongo } from '#adapters/outbound/mongo/open-mongo.ts';

const mongoUri = inject('mongoUri');

describe.skipIf(mongoUri === null)("MongoDB's indexes", () => {
  const cleanUp: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step();
  });

  async function opened(uri = databaseOn(mongoUri)): Promise<{ uri: string; mongo: OpenMongo; collection: (name: string) => Collection }> {
    const mongo = await openTestMongo(uri);
    cleanUp.push(
      () => mongo.close(),
      () => mongo.database.connection.dropDatabase(),
    );
    return { uri, mongo, collection: (name) => mongo.database.connection.collection(name) };
  }

  it('are made by whichever of several instances comes first', async () => {
    const uri = databaseOn(mongoUri);
    const { collection } = (await Promise.all(Array.from({ length: 4 }, () => opened(uri))))[0] ?? (await opened(uri));
    expect(await namesOf(collection('outbox'))).toEqual(['_id_', 'by_key', 'deferred', 'due', 'finished', 'untouched']);
    expect(await namesOf(collection('sessions'))).toEqual(['_id_', 'by_absolute_expiry', 'by_idle_expiry', 'ended']);
  });

  it.each([
    ['users', 'by_email', { key: { canonical: 1 } }],
    ['users', 'by_email', { key: { canonical: 1 }, unique: true, sparse: true }],
    ['users', 'by_email', { key: { canonical: 1 }, unique: true, collation: { locale: 'en', strength: 1 } }],
    ['users', 'by_email', { key: { mailbox: 1 }, unique: true }],
    ['registrations', 'by_expiry', { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
    ['outbox', 'due', { key: { dueAt: 1 } }],
    ['sessions', 'another_name', { key: { idleExpiresAt: 1 } }],
  ] as const)('%s.%s made as %j: the start is refused, by name, with what to do', async (name, index, { key, ...options }) => {
    const { uri, collection } = await opened();
    const ours = index === 'another_name' ? 'by_idle_expiry' : index;
    await collection(name).dropIndex(ours);
    await collection(name).createIndex(key, { name: index, ...options });
    await expect(openTestMongo(uri)).rejects.toThrow(new RegExp(`${name}\\.${ours} is not what it must be .*Drop it`));
  });

  it('that documents stand in the way of: the start is refused, by name, and no address is told', async () => {
    const { uri, mongo, collection } = await opened();
    await collection('users').dropIndex('by_email');
    const users = new MongoUserRepository(mongo.database);
    for (let n = 0; n < 2; n += 1) await users.create(aUser({ email: anEmail('canary@example.com') }));
    const refusal = await openTestMongo(uri).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      message: expect.stringMatching(/users\.by_email cannot be made: two documents have the same canonical/),
    });
    expect(String((refusal as Error).stack) + String((refusal as Error).cause)).not.toContain('canary');
  });

  it('serve every query: a server that refuses to look through a whole collection answers them all', async () => {
    const server = await MongoMemoryServer.create();
    cleanUp.push(() => server.stop());
    const { mongo } = await opened(server.getUri('door'));
    const { database } = mongo;
    const [registrations, sessions] = [new MongoRegistrationRepository(database), new MongoSessionRepository(database)];
    const [users, outbox, lease] = [new MongoUserRepository(database), new MongoOutbox(database), new MongoLease(database)];
    await database.connection.db?.admin().command({ setParameter: 1, notablescan: true });
    await expect(database.connection.collection('users').findOne({ name: 'Ada' })).rejects.toThrow(/notablescan/);

    const [registration, session, user, message] = [aRegistration(), aSession(), aUser(), aMessage()];
    await registrations.add(registration);
    await registrations.findLive({ id: registration.id }, at(0));
    await registrations.findLive({ browserHash: registration.browserHash }, at(0));
    await registrations.findLive({ email: registration.email.canonical }, at(0));
    await registrations.requestMail({ id: registration.id, now: at(MINUTE), cooldownMs: MINUTE });
    await registrations.recordMail(registration.id, { mail: 'held' }, at(0));
    await registrations.disown(registration.id, at(0));
    await registrations.end(registration.id, at(0));
    expect(await registrations.purge({ now: at(HOUR), limit: 10 })).toBe(1);

    await sessions.add(session);
    await sessions.rotate({ sessionId: session.id, generation: 1, now: at(0), graceMs: MINUTE, idleMs: HOUR });
    await sessions.end({ id: session.id, reason: 'logout', now: at(0) });
    expect(await sessions.sweep({ now: at(0), limit: 10 })).toBe(1);

    await users.create(user);
    await users.findByEmail(user.email.canonical);
    await users.replacePasswordHash({ id: user.id, from: user.passwordHash, to: user.passwordHash });
    await users.recordLogin(user.id, at(0));

    await outbox.add(message, { capacity: 1 });
    expect(await outbox.add(aMessage(), { capacity: 1 })).toBe('full');
    await outbox.claim({ owner: 'worker', now: at(0), leaseMs: MINUTE });
    await outbox.settle({ id: message.id, owner: 'worker', outcome: { kind: 'dead', why: '550' }, now: at(0) });
    expect(await outbox.sweep({ now: at(HOUR), finishedBefore: at(0), deadBefore: at(0), keep: 0, limit: 10 })).toBe(1);

    await lease.acquire({ name: 'job', owner: 'worker', now: at(0), ttlMs: MINUTE });
    await lease.release({ name: 'job', owner: 'worker' });
  });
});

type Collection = ReturnType<OpenMongo['database']['connection']['collection']>;

async function namesOf(collection: Collection): Promise<unknown[]> {
  return (await collection.listIndexes().toArray()).map(({ name }) => name).sort();
}
