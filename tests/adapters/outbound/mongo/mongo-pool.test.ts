import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Model } from 'mongoose';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import type { MongoDatabase } from '#adapters/outbound/mongo/mongo-database.ts';
import { openTcpProxy } from '../../../support/tcp-proxy.ts';
import { databaseOn, openTestMongo } from '../../../support/test-mongo.ts';

const uri = inject('mongoUri');
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

type Thing = { _id: string; at: Date };
const at = new Date(0);

describe.skipIf(uri === null)('the pool of connections to MongoDB', () => {
  it.each<[string, (database: MongoDatabase, things: Model<Thing>) => Promise<unknown>]>([
    ['a read', (database, things) => database.callRepeatable(() => things.findOne({ _id: 'a' }).lean())],
    ['a count', (database, things) => database.callRepeatable(() => things.countDocuments({ _id: 'a' }))],
    ['an update', (database, things) => database.call(() => things.updateOne({ _id: 'a' }, { $set: { at } }))],
    ['a delete', (database, things) => database.call(() => things.deleteOne({ _id: 'a' }))],
    ['an insert', (database, things) => database.insertOnce(things, { _id: randomUUID(), at })],
    ['a ping', (database) => database.ping()],
  ])('gets its place back when %s is written to a connection that is closing', async (_, command) => {
    const direct = new URL(databaseOn(uri));
    const proxy = await openTcpProxy({ target: Number(direct.port) });
    const { database, close } = await openTestMongo(`mongodb://127.0.0.1:${proxy.port}${direct.pathname}?directConnection=true`);
    cleanUp.push(() => proxy.close(), close);
    const things = database.model<Thing>('things', { _id: String, at: Date });
    let inUse = 0;
    const client = database.connection.getClient();
    client.on('connectionCheckedOut', () => (inUse += 1)).on('connectionCheckedIn', () => (inUse -= 1));
    const call = () => command(database, things).catch(() => undefined);

    await Promise.all(Array.from({ length: 10 }, call));
    proxy.hangUp();
    // One for every turn of the event loop: one of them meets the turn in which a socket has ended and nobody has been told yet.
    const underway: Promise<unknown>[] = [];
    for (let n = 0; n < 40; n += 1) {
      await turn();
      underway.push(call());
    }
    await Promise.all(underway);
    await vi.waitFor(() => expect(inUse).toBe(0));
  });
});
