import { afterAll, describe, expect, it } from 'vitest';
import { Browser, reasonOf } from '../support/browser.ts';
import { inboxOf, mailTo, tokenFor } from '../support/inbox.ts';
import { openScriptedSmtp } from '../support/scripted-smtp.ts';
import { endAllServices, eventually, freePort, startService } from '../support/service.ts';
import { PASSWORD, signedUp } from '../support/sign-up.ts';

afterAll(endAllServices);

describe('a restart', () => {
  it('keeps accounts and sessions, access tokens included', async () => {
    const first = await startService();
    const browser = await signedUp(first.url, 'ada@example.com');
    expect(await first.stop()).toBe(0);

    const port = Number(new URL(first.url).port);
    const second = await startService({ folder: first.folder, port });
    expect((await browser.trpc.auth.me.query()).email).toBe('ada@example.com');
    await browser.trpc.auth.refresh.mutate();
    expect((await new Browser(second.url).login('ada@example.com', PASSWORD)).user.name).toBe('Ada');
  });

  it('after kill -9 right behind the answer to register, the mail still leaves, once', async () => {
    const port = await freePort();
    const env = { SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'no-reply@example.com' };
    const first = await startService({ env });
    for (let n = 0; n < 5; n += 1) {
      await new Browser(first.url).trpc.auth.register.mutate({ name: 'Ada', email: `crash-${n}@example.com`, password: PASSWORD });
    }
    await first.kill();

    const smtp = await openScriptedSmtp({ port });
    await startService({ env, folder: first.folder });
    // Whatever was just being tried is leased for forty seconds more.
    await eventually(
      async () => smtp.mails.length,
      (count) => count === 5,
      55_000,
    );
    expect(new Set(smtp.messageIds).size).toBe(5);
    await smtp.close();
  }, 90_000);
});

describe('SIGTERM', () => {
  it('lets what is in flight finish, says it is stopping, and ends with 0 within ten seconds', async () => {
    const service = await startService();
    const browsers = Array.from({ length: 30 }, () => new Browser(service.url));
    const answers = Promise.all(
      browsers.map((browser, n) =>
        browser.post('auth.register', { name: 'Ada', email: `late-${n}@example.com`, password: PASSWORD }).then(
          ({ status }) => status,
          () => 'cut off',
        ),
      ),
    );
    await eventually(
      async () => service.output(),
      (output) => output.includes('registration_created'),
    );
    const began = Date.now();
    expect(await service.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    const statuses = await answers;
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    // A connection that was never taken up is no answer lost; one that was is answered.
    expect(statuses.filter((status) => status !== 200 && status !== 'cut off' && status !== 503)).toEqual([]);
    expect(service.output()).toContain('sys_shutdown');
  });
});

describe('the purge', () => {
  it('removes what has run out and nothing else while two hundred confirmations race it', async () => {
    const service = await startService({
      env: {
        REGISTRATION_TTL: '6s',
        PURGE_CRON: '* * * * * *',
        LIMIT_GLOBAL: '5000/15m',
        LIMIT_REGISTER: '5000/15m',
        LIMIT_CONFIRM: '5000/15m',
        LIMIT_SESSION: '5000/15m',
      },
    });
    const people = Array.from({ length: 200 }, (_, n) => ({ email: `racer-${n}@example.com`, browser: new Browser(service.url) }));
    const confirmed: string[] = [];
    const late: string[] = [];
    for (const group of chunks(people, 25)) {
      await Promise.all(
        group.map(async ({ email, browser }, n) => {
          await browser.trpc.auth.register.mutate({ name: 'Racer', email, password: PASSWORD });
          const token = await tokenFor(service.url, email);
          // Some come in time, some about when their time is up.
          await new Promise((resolve) => setTimeout(resolve, n % 2 === 0 ? 0 : 5_900 + n * 10));
          const outcome = await browser.trpc.auth.verifyEmail.mutate({ token }).then(
            () => 'verified',
            () => 'late',
          );
          (outcome === 'verified' ? confirmed : late).push(email);
        }),
      );
    }
    expect(confirmed.length).toBeGreaterThanOrEqual(100);
    expect(late.length).toBeGreaterThan(0);
    for (const email of confirmed.slice(0, 20)) expect((await new Browser(service.url).login(email, PASSWORD)).user.email).toBe(email);
    expect(await reasonOf(new Browser(service.url).trpc.auth.login.mutate({ email: late[0] ?? '', password: PASSWORD }))).toBe(
      'invalid-credentials',
    );
    await eventually(
      async () => purged(service.output()),
      (count) => count === 200,
      20_000,
    );
  }, 120_000);
});

it('the inbox is nobody else’s: no other Host, no proxy in between', async () => {
  const service = await startService();
  await new Browser(service.url).trpc.auth.register.mutate({ name: 'Ada', email: 'inbox@example.com', password: PASSWORD });
  await mailTo(service.url, 'inbox@example.com');
  expect((await fetch(`${service.url}/dev/inbox`)).status).toBe(200);
  expect((await fetch(`${service.url}/dev/inbox.json`, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(404);
  expect((await inboxOf(service.url)).length).toBe(1);
});

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function purged(output: string): number {
  const counts = [...output.matchAll(/"registrations_purged","count":(\d+)/g)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}
