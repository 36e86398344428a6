import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inForm, seed } from '../form.ts';
import { endAllServices, eventually, startService } from '../../support/service.ts';
import { CLOSING_MS, type Ground, openGround } from './ground.ts';
import { copies } from './letters.ts';

const rounds = inForm({ short: 3, long: 60 });
const WORKERS = 5;

const points: readonly [fault: string, point: string, what: string][] = [
  // First, for whoever dies elsewhere with that lease in hand keeps it for a minute.
  ['R9', 'registrations.purge.before', 'the lease of a purge in a dead hand'],
  ['F15', 'registrations.add.after', 'a sign-up without its message'],
  ['F15', 'outbox.add.after', 'a sign-up that nobody was told of'],
  ['F15', 'outbox.claim.after', 'a mail taken up and not sent'],
  ['F16', 'transport.send.after', 'a mail sent and not marked'],
  ['F16', 'registrations.recordMail.after', 'a mail that only its sign-up knows of'],
  ['F16', 'outbox.settle.after', 'a mail marked'],
  ['R9', 'users.create.before', 'a confirmation not yet written'],
  ['R9', 'users.create.after', 'an account without its session'],
  ['R9', 'sessions.add.after', 'a session that nobody was told of'],
  ['R9', 'sessions.rotate.after', 'a refresh token moved on, its successor lost'],
  ['R9', 'sessions.end.after', 'a sign-out that nobody was told of'],
  ['R9', 'limiter.take.after', 'a point taken for nothing'],
];
const inShort = new Set(['outbox.add.after', 'transport.send.after', 'users.create.after', 'sessions.rotate.after']);

/** The nth of an endless row of numbers from 0 to 1, the same for the same seed. */
function random(n: number): number {
  return createHash('sha256').update(`${seed}:${n}`).digest().readUInt32BE() / 2 ** 32;
}

describe.skipIf(inject('redisUrl') === null || inject('mongoUri') === null)('kill -9', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround('crashes', { PURGE_CRON: '* * * * * *' });
  });
  afterAll(async () => {
    await ground?.close();
    await endAllServices();
  }, CLOSING_MS);

  it.each(inForm({ short: points.filter(([, point]) => inShort.has(point)), long: points }))(
    '%s at %s (%s): nothing acknowledged is lost, nothing needs repair',
    async (fault, point, what) => {
      const { field } = ground;
      await ground.endure(fault, `at \`${point}\`: ${what}`, async () => {
        await field.service(0).stop();
        await field.restart(0, { killAt: point });
        await eventually(
          async () => field.service(0).process.signalCode,
          (signal) => signal === 'SIGKILL',
          30_000,
        );
        await field.restart(0);
      });
      ground.crashes += 1;
    },
  );

  it(
    `${rounds} times at random, either instance (SEED=${seed})`,
    async () => {
      const { field } = ground;
      await ground.endure('R9', `${rounds} times at random, either instance`, async () => {
        for (let round = 0; round < rounds; round += 1) {
          await sleep(200 + 1_500 * random(2 * round));
          const victim = random(2 * round + 1) < 0.5 ? 0 : 1;
          await field.service(victim).kill();
          ground.crashes += 1;
          await field.restart(victim);
        }
      });
    },
    inForm({ short: 60_000, long: 600_000 }),
  );

  it('F23 two of four instances, holding leases: each message is sent, and by one at a time', async () => {
    const { field } = ground;
    const total = inForm({ short: 200, long: 1_000 });
    const now = new Date();
    const email = { mailbox: 'owner-f23@example.com', canonical: 'owner-f23@example.com' };
    const user = { _id: 'f23', name: 'Owner', ...email, passwordHash: 'none', createdAt: now, lastLoginAt: null };
    await field.database.collection<{ _id: string }>('users').insertOne(user);
    const intent = { kind: 'address', email, network: '192.0.2.0/24' };
    const rows = Array.from({ length: total }, (_, n) => ({
      ...{ _id: `f23-${n}`, key: `f23-${n}`, intent, createdAt: now, state: 'waiting', dueAt: now },
      ...{ claims: 0, failures: 0, owner: null, finishedAt: null, why: null },
    }));
    const others = await Promise.all([startService({ env: field.env }), startService({ env: field.env })]);
    const sent = () => [...copies(field.smtp.mails)].filter(([id]) => id.startsWith('f23-'));

    await ground.endure('F23', `two of four killed over ${total} messages`, async () => {
      await field.database.collection<{ _id: string }>('outbox').insertMany(rows);
      await eventually(
        async () => sent().length,
        (count) => count > total / 10,
      );
      await Promise.all(others.map((service) => service.kill()));
      ground.crashes += 2;
    });
    // A lease in a dead hand runs for forty seconds.
    await eventually(
      async () => sent().length,
      (count) => count === total,
      60_000,
    );
    const extra = sent().map(([, texts]) => texts.length - 1);
    expect(Math.max(...extra)).toBeLessThanOrEqual(1);
    expect(extra.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2 * WORKERS);
  });
});
