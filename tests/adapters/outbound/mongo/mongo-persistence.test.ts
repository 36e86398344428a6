import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { describeLeaseContract } from '../../../contracts/lease.contract.ts';
import type { Open } from '../../../contracts/opened.ts';
import { describeOutboxContract } from '../../../contracts/outbox.contract.ts';
import { describeRegistrationRepositoryContract } from '../../../contracts/registration-repository.contract.ts';
import { describeSessionRepositoryContract } from '../../../contracts/session-repository.contract.ts';
import { describeUserRepositoryContract } from '../../../contracts/user-repository.contract.ts';
import { aMessage, aSession, at, aUser, MINUTE } from '../../../support/builders.ts';
import { databaseOn, openTestMongo } from '../../../support/test-mongo.ts';
import type { MongoDatabase } from '#adapters/outbound/mongo/mongo-database.ts';
import { MongoLease } from '#adapters/outbound/mongo/mongo-lease.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoRegistrationRepository } from '#adapters/outbound/mongo/mongo-registration-repository.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import { MongoUserRepository } from '#adapters/outbound/mongo/mongo-user-repository.ts';
import type { OpenMongo } from '#adapters/outbound/mongo/open-mongo.ts';

describe.skipIf(inject('mongoUri') === null)('MongoDB, standalone', () => describeAll(inject('mongoUri')));
describe.skipIf(inject('replicaSetUri') === null)('MongoDB, a set of three', () => describeAll(inject('replicaSetUri')));

function describeAll(uri: string | null): void {
  const on =
    <T>(make: (database: MongoDatabase) => T): Open<T> =>
    async () => {
      const mongo = await openTestMongo(databaseOn(uri));
      return { adapter: make(mongo.database), close: () => discard(mongo) };
    };
  describeRegistrationRepositoryContract(
    'MongoDB',
    on((database) => new MongoRegistrationRepository(database)),
  );
  describeUserRepositoryContract(
    'MongoDB',
    on((database) => new MongoUserRepository(database)),
  );
  describeSessionRepositoryContract(
    'MongoDB',
    on((database) => new MongoSessionRepository(database)),
  );
  describeOutboxContract(
    'MongoDB',
    on((database) => new MongoOutbox(database)),
  );
  describeLeaseContract(
    'MongoDB',
    on((database) => new MongoLease(database)),
  );
}

describe.skipIf(inject('mongoUri') === null)('the MongoDB database', () => {
  const open: OpenMongo[] = [];
  afterEach(async () => {
    for (const mongo of open.splice(0)) await discard(mongo);
  });
  afterAll(() => expect(open).toHaveLength(0));

  async function opened(uri = databaseOn(inject('mongoUri'))): Promise<OpenMongo> {
    const mongo = await openTestMongo(uri);
    open.push(mongo);
    return mongo;
  }

  it('gets every missing index at the start, and opens again with them', async () => {
    const uri = databaseOn(inject('mongoUri'));
    const { database } = await opened(uri);
    const names = async () =>
      (await database.connection.collection('registrations').listIndexes().toArray()).map(({ name }) => name).sort();
    expect(await names()).toEqual(['_id_', 'by_browser', 'by_email', 'by_expiry', 'ended']);
    await database.connection.collection('registrations').dropIndex('by_email');
    await opened(uri);
    expect(await names()).toContain('by_email');
  });

  it('is refused when an index of ours is not what it must be, by name', async () => {
    const uri = databaseOn(inject('mongoUri'));
    const { database } = await opened(uri);
    await database.connection.collection('users').dropIndex('by_email');
    await database.connection.collection('users').createIndex({ canonical: 1 }, { name: 'by_email' });
    await expect(openTestMongo(uri)).rejects.toThrow(/users\.by_email .*Drop it/);
  });

  it('refuses a query for what is undefined, null, unknown or an operator, which would match by accident or by design', async () => {
    const { database } = await opened();
    const users = new MongoUserRepository(database);
    await users.create(aUser());
    await expect(users.find(undefined as never)).rejects.toThrow(TypeError);
    await expect(users.find(null as never)).rejects.toThrow(TypeError);
    await expect(users.find({ $ne: 'x' } as never)).rejects.toThrow(/Cast to string failed/);
    await expect(users.findByEmail({ $gt: '' } as never)).rejects.toThrow(/Cast to string failed/);
    const model = database.connection.model('users');
    await expect(model.findOne({ emial: 'x' }).exec()).rejects.toThrow(/emial/);
  });

  it('lets a message that nobody can read stop no other', async () => {
    const { database } = await opened();
    const outbox = new MongoOutbox(database);
    await outbox.add(aMessage({ key: 'poison', createdAt: at(1) }));
    await database.connection.collection('outbox').updateOne({ key: 'poison' }, { $set: { intent: { kind: 'nothing we know' } } });
    await outbox.add(aMessage({ key: 'good', createdAt: at(2) }));
    expect((await outbox.claim({ owner: 'worker', now: at(3), leaseMs: MINUTE }))?.key).toBe('good');
    expect(await database.connection.collection('outbox').countDocuments({ state: 'dead' })).toBe(1);
  });

  it('asks for the majority and the journal with every write', async () => {
    const { database } = await opened(`${databaseOn(inject('mongoUri'))}?monitorCommands=true`);
    const concerns = new Map<string, unknown>();
    database.connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (commandName !== 'find') concerns.set(commandName, command.writeConcern);
    });
    const [sessions, lease] = [new MongoSessionRepository(database), new MongoLease(database)];
    const session = aSession();
    await sessions.add(session);
    await sessions.end({ id: session.id, reason: 'logout', now: at(0) });
    await sessions.sweep({ now: at(0), limit: 1 });
    await lease.acquire({ name: 'job', owner: 'worker', now: at(0), ttlMs: MINUTE });
    expect([...concerns.keys()]).toEqual(['insert', 'findAndModify', 'delete', 'update']);
    for (const concern of concerns.values()) expect(concern).toMatchObject({ w: 'majority', j: true });
  });

  it('takes nothing for a record that is none', async () => {
    const { database } = await opened();
    const users = new MongoUserRepository(database);
    const user = aUser();
    await users.create(user);
    await database.connection.collection('users').updateOne({ canonical: user.email.canonical }, { $set: { passwordHash: 7 } });
    await expect(users.find(user.id)).rejects.toThrow(z.ZodError);

    const outbox = new MongoOutbox(database);
    await outbox.add(aMessage({ key: 'poison' }));
    await database.connection.collection('outbox').updateOne({ key: 'poison' }, { $set: { createdAt: 'yesterday' } });
    expect(await outbox.claim({ owner: 'worker', now: at(MINUTE), leaseMs: MINUTE })).toBeNull();
    expect(await database.connection.collection('outbox').countDocuments({ state: 'dead' })).toBe(1);
  });

  it('says whether it answers, and may be closed twice', async () => {
    const mongo = await opened();
    expect(await mongo.isHealthy()).toBe(true);
    await mongo.close();
    await mongo.close();
    expect(await mongo.isHealthy()).toBe(false);
    open.splice(0);
  });
});

async function discard(mongo: OpenMongo): Promise<void> {
  await mongo.database.connection.dropDatabase();
  await mongo.close();
}
