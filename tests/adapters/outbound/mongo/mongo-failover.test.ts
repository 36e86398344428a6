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
  const stepDown = async () => {
    const command = mongo.database.connection.db?.admin().command({ replSetStepDown: 10, force: true });
    // The server may close the connection in place of an answer.
    await command?.catch(() => undefined);
  };
  const killPrimary = async () => {
    const port = Number((await primaryHost()).split(':')[1]);
    const member = set.servers.find(({ instanceInfo }) => instanceInfo?.port === port);
    member?.instanceInfo?.instance.mongodProcess?.kill('SIGKILL');
  };

  it('loses nothing that it acknowledged when the primary steps down, and is right again within ten seconds', async () => {
    const { added, rotated, messages, refused, rejected } = await writtenThrough(stepDown);
    expect(rejected).toBe(0);
    // A call that meets the change goes out once more; only whoever waits a second for a primary gives up.
    expect(refused).toBeLessThanOrEqual(WRITERS);
    for (const { id } of added) expect(await sessions.findAlive(id, at(0))).not.toBeNull();
    for (const session of rotated) expect(await sessions.findAlive(session.id, at(0))).toEqual(session);
    const kept = await mongo.database.connection.collection('outbox').distinct('key', { key: { $in: messages } });
    expect(kept).toHaveLength(messages.length);
  }, 60_000);

  // What a killed server had acknowledged is in its journal, for every write asks for that; to keep it is the server's own part.
  it('is right again within ten seconds when the primary is killed', async () => {
    await writtenThrough(killPrimary);
  }, 60_000);

  /** What was acknowledged before, during and after the fault. Whatever was not is Unavailable, and that passes. */
  async function writtenThrough(fault: () => Promise<unknown>) {
    const [added, rotated, messages]: [Session[], Session[], string[]] = [[], [], []];
    const before = await primaryHost();
    const unexpected: unknown[] = [];
    let [refused, rejected] = [0, 0];
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
        added.push(session);
        const rotation = await sessions.rotate({ sessionId: session.id, generation: 1, now: at(0), graceMs: MINUTE, idleMs: HOUR });
        if ('session' in rotation) rotated.push(rotation.session);
        else rejected += 1;
      });
      await attempt(async () => {
        expect(await outbox.add(message, { capacity: 1_000_000 })).toBe('added');
        messages.push(message.key);
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
      await expect.poll(() => messages.length, patience).toBeGreaterThan(100);
      const began = performance.now();
      await fault();
      await expect.poll(() => primaryHost().catch(() => before), patience).not.toBe(before);
      const healed = messages.length + 100;
      await expect.poll(() => messages.length, patience).toBeGreaterThan(healed);
      return began;
    });

    expect(unexpected).toEqual([]);
    expect(lastRefusalAt - faultAt).toBeLessThan(10_000);
    return { added, rotated, messages, refused, rejected };
  }
});
