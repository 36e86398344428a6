import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { aMessage, aRegistration, aSession, at, aUser, HOUR, MINUTE, SECOND } from '../../../support/builders.ts';
import { databaseOn, openTestMongo } from '../../../support/test-mongo.ts';
import { type LossyProxy, openLossyProxy } from './lossy-proxy.ts';
import { MongoLease } from '#adapters/outbound/mongo/mongo-lease.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoRegistrationRepository } from '#adapters/outbound/mongo/mongo-registration-repository.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import { MongoUserRepository } from '#adapters/outbound/mongo/mongo-user-repository.ts';
import type { OpenMongo } from '#adapters/outbound/mongo/open-mongo.ts';
import { Unavailable } from '#application/unavailable.ts';
import type { PasswordHash } from '#domain/ids.ts';

const mongoUri = inject('mongoUri');

describe.skipIf(mongoUri === null)('MongoDB does a command and its answer is lost', () => {
  let proxy: LossyProxy;
  let mongo: OpenMongo;

  beforeEach(async () => {
    const uri = databaseOn(mongoUri);
    const port = Number(/:(\d+)\//.exec(uri)?.[1]);
    proxy = await openLossyProxy(port);
    mongo = await openTestMongo(uri.replace(`:${port}/`, `:${proxy.port}/`));
  });

  afterEach(async () => {
    await mongo.database.connection.dropDatabase();
    await mongo.close();
    await proxy.close();
  });

  async function losing<T>(command: string, act: () => Promise<T>): Promise<T> {
    const before = proxy.lost();
    proxy.loseAnswerOf(command);
    try {
      return await act();
    } finally {
      expect(proxy.lost()).toBe(before + 1);
    }
  }

  it('a read: read again', async () => {
    const users = new MongoUserRepository(mongo.database);
    const user = aUser();
    await users.create(user);
    expect(await losing('find', () => users.find(user.id))).toEqual(user);
  });

  it('a registration or a session: kept, and kept once', async () => {
    const [registrations, sessions] = [new MongoRegistrationRepository(mongo.database), new MongoSessionRepository(mongo.database)];
    const [registration, session] = [aRegistration(), aSession()];
    await losing('insert', () => registrations.add(registration));
    await losing('insert', () => sessions.add(session));
    await registrations.add(registration);
    await sessions.add(session);
    expect(await registrations.findLive({ id: registration.id }, at(0))).toEqual(registration);
    expect(await sessions.findAlive(session.id, at(0))).toEqual(session);
    await expect(registrations.add({ ...registration, createdAt: at(1) })).rejects.toThrow(/E11000/);
    await expect(registrations.add(aRegistration({ browserHash: registration.browserHash }))).rejects.toThrow(/E11000/);
  });

  it('a message: added once, by this call; there already for the next', async () => {
    const outbox = new MongoOutbox(mongo.database);
    const message = aMessage();
    expect(await losing('insert', () => outbox.add(message))).toBe('added');
    expect(await outbox.add(message)).toBe('already-there');
    expect(await losing('insert', () => outbox.add(aMessage({ key: message.key })))).toBe('already-there');
    expect(await mongo.database.connection.collection('outbox').countDocuments()).toBe(1);
  });

  it('a rotation: one step on, and a replay for its caller', async () => {
    const sessions = new MongoSessionRepository(mongo.database);
    const session = aSession();
    await sessions.add(session);
    const rotate = (generation: number) =>
      sessions.rotate({ sessionId: session.id, generation, now: at(SECOND), graceMs: MINUTE, idleMs: HOUR });
    expect(await losing('findAndModify', () => rotate(1))).toMatchObject({ kind: 'replayed', session: { generation: 2 } });
    expect(await rotate(2)).toMatchObject({ kind: 'rotated', session: { generation: 3 } });
  });

  it('what became of a mail: noted in the registration, and marked on the message', async () => {
    const [registrations, outbox] = [new MongoRegistrationRepository(mongo.database), new MongoOutbox(mongo.database)];
    const registration = aRegistration();
    await registrations.add(registration);
    const sent = { mail: 'sent', sentAt: at(SECOND), ttlMs: MINUTE } as const;
    expect(await losing('findAndModify', () => registrations.recordMail(registration.id, sent, at(SECOND)))).toBe(true);
    expect(await losing('findAndModify', () => registrations.disown(registration.id, at(2 * SECOND)))).toBe(true);
    expect(await registrations.findLive({ id: registration.id }, at(3 * SECOND))).toEqual({
      ...registration,
      mail: 'sent',
      expiresAt: at(SECOND + MINUTE),
      disownedAt: at(2 * SECOND),
    });

    const message = aMessage();
    await outbox.add(message);
    await outbox.claim({ owner: 'worker', now: at(0), leaseMs: MINUTE });
    const settlement = { id: message.id, owner: 'worker', outcome: { kind: 'sent' }, now: at(SECOND) } as const;
    expect(await losing('update', () => outbox.settle(settlement))).toBe(true);
    expect(await outbox.settle(settlement)).toBe(false);
  });

  it('a lease and a sign-in: taken and noted', async () => {
    const [lease, users] = [new MongoLease(mongo.database), new MongoUserRepository(mongo.database)];
    const user = aUser();
    await users.create(user);
    await losing('update', () => users.recordLogin(user.id, at(HOUR)));
    expect(await users.find(user.id)).toEqual({ ...user, lastLoginAt: at(HOUR) });
    const job = { name: 'job', now: at(0), ttlMs: MINUTE };
    expect(await losing('update', () => lease.acquire({ ...job, owner: 'first' }))).toBe(true);
    expect(await losing('update', () => lease.acquire({ ...job, owner: 'second' }))).toBe(false);
  });

  it('anything of which one caller alone may be told: unavailable, and done once', async () => {
    const { database } = mongo;
    const [registrations, sessions] = [new MongoRegistrationRepository(database), new MongoSessionRepository(database)];
    const [users, outbox] = [new MongoUserRepository(database), new MongoOutbox(database)];
    const [registration, session, user, message] = [aRegistration(), aSession(), aUser(), aMessage()];
    await registrations.add(registration);
    await sessions.add(session);
    await outbox.add(message);

    const { id } = registration;
    const to = '$argon2id$new' as PasswordHash;
    const unknown: [string, () => Promise<unknown>][] = [
      ['insert', () => users.create(user)],
      ['update', () => users.replacePasswordHash({ id: user.id, from: user.passwordHash, to })],
      ['findAndModify', () => registrations.requestMail({ id, now: at(MINUTE), cooldownMs: MINUTE })],
      ['findAndModify', () => registrations.end(id, at(MINUTE))],
      ['findAndModify', () => sessions.end({ id: session.id, reason: 'logout', now: at(SECOND) })],
      ['findAndModify', () => outbox.claim({ owner: 'worker', now: at(0), leaseMs: MINUTE })],
      ['update', () => outbox.settle({ id: message.id, owner: 'worker', outcome: { kind: 'returned' }, now: at(SECOND) })],
    ];
    for (const [command, act] of unknown) {
      const failure = await losing(command, () => act().catch((error: unknown) => error));
      expect(failure).toBeInstanceOf(Unavailable);
      expect((failure as Unavailable).cause).toBeInstanceOf(Error);
    }

    expect(await users.create(user)).toBe('id-taken');
    expect((await users.find(user.id))?.passwordHash).toBe(to);
    expect(await registrations.findLive({ id }, at(MINUTE))).toBeNull();
    expect(await sessions.findAlive(session.id, at(SECOND))).toBeNull();
    expect(await outbox.claim({ owner: 'worker', now: at(SECOND), leaseMs: MINUTE })).toMatchObject({ id: message.id, claims: 2 });
  });
});
