import { cp } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import Libsql from 'libsql';
import { createConnection } from 'mongoose';
import { login, openDoor } from '../door.ts';
import { atLeast, atMost, type Figure, type Part, seen } from '../figure.ts';
import { percentile, type Volley, type VolleyOptions, volley } from '../load.ts';
import { emailOf } from '../stock.ts';
import { type FilledStore, makers } from '../stores.ts';
import { eventually, type RunningService, temporaryFolder } from '../../../support/service.ts';

const REST_MS = 20_000;
const USERS = 1_000;

/**
 * The first half of a purge with nobody at the door, against one plain delete of the same on a copy; the other half with people
 * at the door, and what they notice of it.
 */
export const measurePurge: Part = async ({ scale, progress }) => {
  const due = Math.round(1_000_000 * scale);
  const figures: Figure[] = [];
  for (const make of makers) {
    const store = await make({ users: USERS, registrations: due, progress });
    const rawRate = due / (await plainDelete(store, progress));

    const calm = await openDoor({ ...store.env, PURGE_CRON: '0 0 1 1 *' });
    progress(`${store.kind}: logins at rest`);
    const idle = await logins(calm, { forMs: REST_MS });
    await calm.stop();

    progress(`${store.kind}: purging`);
    const service = await openDoor({ ...store.env, PURGE_CRON: '* * * * * *', LOG_LEVEL: 'info' });
    await purgedAtLeast(due / 2, service);
    const { count, seconds } = purgeOf(service);
    progress(`${store.kind}: purging, with logins`);
    let over = false;
    const ending = purgedAtLeast(due, service).finally(() => {
      over = true;
    });
    const meanwhile = await logins(service, { until: () => over });
    await ending;
    await service.stop();
    await store.close();
    figures.push(
      atLeast(`purge of ${due} among ${2 * due} ÷ a plain delete, ${store.kind}`, 0.8, count / seconds / rawRate),
      seen(`purge, ${store.kind}`, count / seconds, '/s'),
      seen(`plain delete, ${store.kind}`, rawRate, '/s'),
      atMost(`login p99 while it purges ÷ at rest, ${store.kind}`, 2, percentile(meanwhile.hits, 0.99) / percentile(idle.hits, 0.99)),
    );
  }
  return figures;
};

function logins({ url }: RunningService, end: Pick<VolleyOptions, 'forMs' | 'until'>): Promise<Volley> {
  return volley({ url, connections: 1, pauseMs: 20, shot: (n) => login(emailOf(n % USERS)), ...end });
}

async function purgedAtLeast(wanted: number, service: RunningService): Promise<void> {
  const look = async () => {
    await sleep(200);
    return purgeOf(service).count;
  };
  await eventually(look, (count) => count >= wanted, 1_800_000);
}

/** By its own log: from the first batch to the last. */
function purgeOf(service: RunningService): { count: number; seconds: number } {
  const lines = [...service.output().matchAll(/"time":"([^"]+)","event":"registrations_purged","count":(\d+)/g)];
  const times = lines.map(([, time = '']) => new Date(time).getTime());
  const count = lines.reduce((sum, [, , batch]) => sum + Number(batch), 0);
  return { count, seconds: ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000 };
}

/** Seconds that one delete of everything that has run out takes, with what it deletes on disk when it answers. */
async function plainDelete(store: FilledStore, progress: (text: string) => void): Promise<number> {
  progress(`${store.kind}: a plain delete on a copy`);
  if (store.kind === 'SQLite') {
    const copy = await temporaryFolder();
    await cp(`${store.at}/sallyport.db`, `${copy}/copy.db`);
    const database = new Libsql(`${copy}/copy.db`);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    const began = performance.now();
    database.prepare('DELETE FROM registrations WHERE expires_at <= ? OR ended_at > 0').run(Date.now());
    const took = (performance.now() - began) / 1_000;
    database.close();
    return took;
  }
  const connection = await createConnection(store.at).asPromise();
  const registrations = connection.collection('registrations');
  await registrations.aggregate([{ $out: 'copy' }]).toArray();
  const copy = connection.collection('copy');
  for (const { key, name, ...options } of await registrations.indexes()) {
    if (name === '_id_') continue;
    const { unique, partialFilterExpression } = options as { unique?: boolean; partialFilterExpression?: object };
    await copy.createIndex(key, {
      ...(name && { name }),
      ...(unique && { unique }),
      ...(partialFilterExpression && { partialFilterExpression }),
    });
  }
  const began = performance.now();
  await copy.deleteMany(
    { $or: [{ expiresAt: { $lte: new Date() } }, { endedAt: { $type: 'date' } }] },
    { writeConcern: { w: 'majority', j: true } },
  );
  const took = (performance.now() - began) / 1_000;
  await copy.drop();
  await connection.close();
  return took;
}
