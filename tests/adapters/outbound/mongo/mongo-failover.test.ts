import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { aMessage, aSession, at, HOUR, MINUTE } from '../../../support/builders.ts';
import { openTestMongo } from '../../../support/test-mongo.ts';
import { MongoOutbox } from '#adapters/outbound/mongo/mongo-outbox.ts';
import { MongoSessionRepository } from '#adapters/outbound/mongo/mongo-session-repository.ts';
import type { OpenMongo } from '#adapters/outbound/mongo/open-mongo.ts';
import { Unavailable } from '#application/unavailable.ts';
import type { Session } from '#domain/session.ts';

const WRITERS = 8;

describe.skipIf(inject('replicaSetUri') === null)('a MongoDB of three whose primary changes', () => {
  let set: MongoMemoryReplSet;
  let mongo: OpenMongo;
  let sessions: MongoSessionRepository;
  let outbox: MongoOutbox;

  beforeAll(async () => {
    set = await MongoMemoryReplSet.create({ replSet: { count: 3 } });
    mongo = await openTestMongo(set.getUri('door'));
    sessions = new MongoSessionRepository(mongo.database);
    outbox = new MongoOutbox(mongo.database);
  }, 30_000);

  afterAll(async () => {
    await mongo.close();
    await set.stop();
  });

  const primaryHost = async () => {
    const hello = await mongo.database.connection.db?.admin().command({ hello: 1 });
    return String(hello?.primary);
  };
  const stepDown = () =>
    // The server may close the connection in place of an answer.
    mongo.database.connection.db
      ?.admin()
      .command({ replSetStepDown: 10, force: true })
      .catch(() => undefined);
  const killPrimary = async () => {
    const port = Number((await primaryHost()).split(':')[1]);
    const member = set.servers.find(({ instanceInfo }) => instanceInfo?.port === port);
    member?.instanceInfo?.instance.mongodProcess?.kill('SIGKILL');
  };

  it.each([
    ['steps down', stepDown],
    ['is killed', killPrimary],
  ])(
    'loses nothing that it acknowledged when the primary %s, and is right again within ten seconds',
    async (_, fault) => {
      const acknowledged: { added: Session[]; rotated: Session[]; messages: string[] } = { added: [], rotated: [], messages: [] };
      const before = await primaryHost();
      const unexpected: unknown[] = [];
      let refused = 0;
      let lastRefusalAt = 0;
      let isRunning = true;

      const attempt = async (act: () => Promise<unknown>) => {
        await act().catch((error: unknown) => {
          if (!(error instanceof Unavailable)) unexpected.push(error);
          refused += 1;
          lastRefusalAt = performance.now();
        });
      };
      const write = async () => {
        const session = aSession();
        const message = aMessage();
        await attempt(async () => {
          await sessions.add(session);
          acknowledged.added.push(session);
          const rotation = await sessions.rotate({ sessionId: session.id, generation: 1, now: at(0), graceMs: MINUTE, idleMs: HOUR });
          if ('session' in rotation) acknowledged.rotated.push(rotation.session);
          else unexpected.push(rotation);
        });
        await attempt(async () => {
          const added = await outbox.add(message, { capacity: 1_000_000 });
          if (added === 'added') acknowledged.messages.push(message.key);
          else unexpected.push(added);
        });
      };
      const meanwhile = async <T>(act: () => Promise<T>): Promise<T> => {
        const writers = Array.from({ length: WRITERS }, async () => {
          while (isRunning) await write();
        });
        try {
          return await act();
        } finally {
          isRunning = false;
          await Promise.all(writers);
        }
      };

      const faultAt = await meanwhile(async () => {
        const patience = { timeout: 10_000, interval: 20 };
        await expect.poll(() => acknowledged.messages.length, patience).toBeGreaterThan(100);
        const began = performance.now();
        await fault();
        await expect.poll(() => primaryHost().catch(() => before), patience).not.toBe(before);
        const healed = acknowledged.messages.length + 100;
        await expect.poll(() => acknowledged.messages.length, patience).toBeGreaterThan(healed);
        return began;
      });

      expect(unexpected).toEqual([]);
      expect(lastRefusalAt - faultAt).toBeLessThan(10_000);
      // Each writer may meet the change in a call or two, and whoever waits for a primary gives up after a second.
      expect(refused).toBeLessThanOrEqual(WRITERS * 6);

      for (const { id } of acknowledged.added) expect(await sessions.findAlive(id, at(0))).not.toBeNull();
      for (const session of acknowledged.rotated) expect(await sessions.findAlive(session.id, at(0))).toEqual(session);
      const kept = await mongo.database.connection.collection('outbox').distinct('key', { key: { $in: acknowledged.messages } });
      expect(kept).toHaveLength(acknowledged.messages.length);
    },
    60_000,
  );
});
