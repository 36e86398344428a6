import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inForm } from '../form.ts';
import { Browser } from '../../support/browser.ts';
import { endAllServices, eventually } from '../../support/service.ts';
import { PASSWORD } from '../../support/sign-up.ts';
import type { Script } from '../../support/scripted-smtp.ts';
import { CLOSING_MS, type Ground, openGround } from './ground.ts';
import { copies } from './letters.ts';

const refusedFor = inForm({ short: 4_000, long: 600_000 });

describe.skipIf(inject('redisUrl') === null || inject('mongoUri') === null)('the mail server', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround('faults of the mail server');
  });
  afterAll(async () => {
    await ground?.close();
    await endAllServices();
  }, CLOSING_MS);

  const register = async (email: string): Promise<Browser> => {
    const browser = new Browser(ground.field.urls[0]);
    await browser.trpc.auth.register.mutate({ name: 'Ada', email, password: PASSWORD });
    return browser;
  };
  const mailsTo = (email: string) => ground.field.smtp.mails.filter(({ to }) => to.includes(email));
  const arrived = (email: string, timeoutMs = 15_000) =>
    eventually(
      async () => mailsTo(email).length,
      (count) => count > 0,
      timeoutMs,
    );
  /** Runs beside the crowd, whose own mails must go on flowing: healed means confirmed with a link that came. */
  const scripted = async (fault: string, what: string, script: Script, act: () => Promise<unknown>) => {
    const { smtp } = ground.field;
    return ground.endure(fault, what, async () => {
      smtp.follow(script);
      await act();
      smtp.follow({});
    });
  };

  it(
    `F17 refused for ${refusedFor / 1_000} s: sign-ups go on, and every mail leaves afterwards, once`,
    async () => {
      const { field } = ground;
      const seen = await ground.endure('F17', `refused for ${refusedFor / 1_000} s`, async () => {
        await field.smtp.wire.become('refuse');
        await eventually(
          () => field.health('mail'),
          (states) => states.every((state) => state === 'degraded'),
          10_000,
        );
        await sleep(refusedFor);
        const waiting = ground.crowd.people.filter(({ step }) => step === 'mail').map(({ email }) => email);
        expect(waiting.length).toBeGreaterThan(5);
        await field.smtp.wire.become('pass');
        for (const email of waiting) await arrived(email, 60_000);
        for (const email of waiting) expect(mailsTo(email)).toHaveLength(1);
      });
      expect({ unavailable: seen.unavailable, lost: seen.lost }).toEqual({ unavailable: 0, lost: 0 });
    },
    inForm({ short: 120_000, long: 900_000 }),
  );

  it('F18 stalling at the greeting: other connections carry the mails meanwhile', async () => {
    let stalls = 3;
    await scripted('F18', 'stalls at the greeting, three times', { greeting: () => (stalls-- > 0 ? 'stall' : undefined) }, async () => {
      for (let n = 0; n < 5; n += 1) await register(`greeted-${n}@example.com`);
      for (let n = 0; n < 5; n += 1) await arrived(`greeted-${n}@example.com`, 30_000);
    });
  });

  it('F18 stalling over one address: all others get theirs', async () => {
    const stalling: Script = { RCPT: (line) => (line.includes('stalls@') ? 'stall' : undefined) };
    await scripted('F18', 'stalls at RCPT for one address', stalling, async () => {
      await register('stalls@example.com');
      await ground.field.smtp.reached('RCPT');
      for (let n = 0; n < 5; n += 1) await register(`beside-${n}@example.com`);
      for (let n = 0; n < 5; n += 1) await arrived(`beside-${n}@example.com`, 5_000);
    });
    await arrived('stalls@example.com', 60_000);
  });

  it('F18, F20 stalling and hanging up after DATA: sent again, as a copy of itself', async () => {
    const acts = ['stall', 'drop', 'drop'] as const;
    let next = 0;
    const before = new Set(ground.field.smtp.messageIds);
    // Nobody of the crowd, who confirm with the first copy: what is sent again would be too late for them, and dropped.
    const script: Script = { content: (to) => (to.includes('-f20@') ? acts[next++] : undefined) };
    await scripted('F18, F20', 'stalls, then hangs up twice, when a mail is in its hands', script, async () => {
      for (const [n, act] of acts.entries()) await register(`${act}-${n}-f20@example.com`);
      await eventually(
        async () => next,
        (count) => count >= acts.length,
      );
    });
    ground.crashes += 1;
    // Taken at their first try, for all that the service knows; so each comes once more, and no more than once.
    const again = () => [...copies(ground.field.smtp.mails)].filter(([id, texts]) => !before.has(id) && texts.length > 1);
    await eventually(
      async () => again().length,
      (count) => count === acts.length,
      60_000,
    );
    for (const [, texts] of again()) expect(texts).toHaveLength(2);
  });

  it('F19 refusals: for now is tried again, for good is told to the browser at once and never tried again', async () => {
    const tries = new Map<string, number>();
    const refusals: Record<string, readonly `${number} ${string}`[]> = {
      busy: ['451 4.3.0 try later', '421 4.3.2 going down'],
      quota: ['550 5.4.5 daily quota'],
      gone: ['550 5.1.1 nobody here', '550 5.1.1 nobody here'],
      full: ['552 5.2.2 mailbox full', '552 5.2.2 mailbox full'],
    };
    const refusing: Script = {
      RCPT: (line) => {
        const [name = ''] = /(?<=<)\w+(?=-f19@)/.exec(line) ?? [];
        const attempt = tries.get(name) ?? 0;
        tries.set(name, attempt + 1);
        return refusals[name]?.[attempt];
      },
    };
    await scripted('F19', '451, 421, 550 5.4.5, 550 5.1.1, 552 5.2.2 at RCPT', refusing, async () => {
      const browsers = new Map<string, Browser>();
      for (const name of Object.keys(refusals)) browsers.set(name, await register(`${name}-f19@example.com`));
      for (const name of ['busy', 'quota']) await arrived(`${name}-f19@example.com`, 60_000);
      for (const name of ['gone', 'full']) {
        const view = await browsers.get(name)!.trpc.auth.registration.query();
        expect([name, view?.mail, tries.get(name)]).toEqual([name, 'failed', 1]);
      }
    });
    for (const name of ['busy', 'quota']) expect(mailsTo(`${name}-f19@example.com`)).toHaveLength(1);
  });

  it('F21 poisoned rows: abandoned, nothing of them on the wire, others go on', async () => {
    const { database, smtp } = ground.field;
    const outbox = database.collection<{ _id: string }>('outbox');
    const registrations = database.collection<{ _id: string }>('registrations');
    const now = new Date();
    const row = (_id: string, intent: unknown) => ({
      ...{ _id, key: _id, intent, createdAt: now, state: 'waiting', dueAt: now },
      ...{ claims: 0, failures: 0, owner: null, finishedAt: null, why: null },
    });
    const network = '192.0.2.0/24';
    const poisons: Record<string, unknown> = {
      crlf: { kind: 'address', email: { mailbox: 'v@x.test\r\nBcc: poison@y.test', canonical: 'v@x.test' }, network },
      two: { kind: 'address', email: { mailbox: 'poison@x.test, poison@y.test', canonical: 'poison@x.test' }, network },
      huge: { kind: 'address', email: { mailbox: `${'poison'.repeat(100_000)}@x.test`, canonical: 'x' }, network },
      unknown: { kind: 'poison', email: { mailbox: 'poison@x.test', canonical: 'poison@x.test' }, network },
      operator: {
        kind: 'registration',
        registrationId: { $ne: null },
        email: { mailbox: 'poison@x.test', canonical: 'poison@x.test' },
        network,
      },
      nothing: null,
    };
    await ground.endure('F21', 'six rows that no version of ours wrote', async () => {
      await outbox.insertMany(Object.entries(poisons).map(([id, intent]) => row(`poison-${id}`, intent)));
      await eventually(
        () => outbox.countDocuments({ _id: /^poison-/, state: 'dead' }),
        (count) => count === Object.keys(poisons).length,
      );
    });
    expect(smtp.commands.filter((line) => line.includes('poison'))).toEqual([]);

    // The same in a row that is ours: the registration that a sound message is about.
    const victim = await register('victim-f21@example.com');
    await arrived('victim-f21@example.com');
    await registrations.updateOne({ canonical: 'victim-f21@example.com' }, { $set: { mailbox: 'poison@x.test, poison@y.test' } });
    const registration = await registrations.findOne({ canonical: 'victim-f21@example.com' });
    const email = { mailbox: 'victim-f21@example.com', canonical: 'victim-f21@example.com' };
    await outbox.insertOne(
      row('poisoned-registration', { kind: 'registration', registrationId: registration?._id, email, network }) as { _id: string },
    );
    await eventually(
      () => outbox.findOne<{ state: string }>({ _id: 'poisoned-registration' }),
      (message) => message?.state === 'dead',
      20_000,
    );
    expect(smtp.commands.filter((line) => line.includes('poison'))).toEqual([]);
    expect(await victim.trpc.auth.me.query().catch(() => 'still there')).toBe('still there');
  });
});
