import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import type { Model } from 'mongoose';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { freePort } from '../../../support/service.ts';
import { openTcpProxy } from '../../../support/tcp-proxy.ts';
import { databaseOn, openTestMongo } from '../../../support/test-mongo.ts';
import type { MongoDatabase } from '#adapters/outbound/mongo/mongo-database.ts';
import { Unavailable } from '#application/unavailable.ts';

const uri = inject('mongoUri');
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

type Thing = { _id: string; at: Date };
const at = new Date(0);

/** A database at the far end of a proxy. */
async function openBehindProxy(address = databaseOn(uri)) {
  const direct = new URL(address);
  const proxy = await openTcpProxy({ target: Number(direct.port) });
  const opened = await openTestMongo(`mongodb://127.0.0.1:${proxy.port}${direct.pathname}?directConnection=true`);
  cleanUp.push(() => proxy.close(), opened.close);
  return { ...opened, proxy, things: opened.database.model<Thing>('things', { _id: String, at: Date }) };
}

describe.skipIf(uri === null)('the pool of connections to MongoDB', () => {
  it.each<[string, (database: MongoDatabase, things: Model<Thing>) => Promise<unknown>]>([
    ['a read', (database, things) => database.callRepeatable(() => things.findOne({ _id: 'a' }).lean())],
    ['a count', (database, things) => database.callRepeatable(() => things.countDocuments({ _id: 'a' }))],
    ['an update', (database, things) => database.call(() => things.updateOne({ _id: 'a' }, { $set: { at } }))],
    ['a delete', (database, things) => database.call(() => things.deleteOne({ _id: 'a' }))],
    ['an insert', (database, things) => database.insertOnce(things, { _id: randomUUID(), at })],
    ['a ping', (database) => database.ping()],
  ])('gets its place back when %s is written to a connection that is closing', async (_, command) => {
    const { database, proxy, things } = await openBehindProxy();
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

describe.skipIf(uri === null)('a MongoDB that is killed under load and started again', () => {
  it('is found again by every client within ten seconds, for reads and for writes', async () => {
    const instance = { port: await freePort(), portGeneration: false, dbPath: await mkdtemp(join(tmpdir(), 'sallyport-mongo-')) };
    const start = () => MongoMemoryServer.create({ instance: { ...instance, storageEngine: 'wiredTiger' } });
    let server = await start();
    cleanUp.push(
      () => rm(instance.dbPath, { recursive: true, force: true }),
      () => server.stop({ doCleanup: false }),
    );
    const clients = await Promise.all(Array.from({ length: 4 }, () => openBehindProxy(server.getUri('door'))));
    const _id = randomUUID();
    const writeAndRead = ({ database, things }: (typeof clients)[number]) =>
      database
        .call(() => things.updateOne({ _id }, { $set: { at } }, { upsert: true }))
        .then(() => database.callRepeatable(() => things.findOne({ _id }).lean()));

    // A command that fails makes the driver's monitor look for the server, and get stuck on a connection that closes just then.
    const misnamed: unknown[] = [];
    const note = (error: unknown) => error instanceof Unavailable || misnamed.push(error);
    const load = setInterval(() => {
      for (const client of clients) writeAndRead(client).catch(note);
    }, 10);
    cleanUp.push(() => clearInterval(load));
    for (let round = 0; round < 4; round += 1) {
      await sleep(300);
      const mongod = server.instanceInfo?.instance.mongodProcess;
      mongod?.kill('SIGKILL');
      if (mongod?.signalCode === null) await once(mongod, 'exit');
      server = await start();
      const recovered = async () => {
        const found = await Promise.all(clients.map(writeAndRead));
        expect(found.map((thing) => thing?.at)).toEqual([at, at, at, at]);
      };
      await vi.waitFor(recovered, { timeout: 10_000, interval: 100 });
    }
    expect(misnamed).toEqual([]);
  }, 60_000);
});
