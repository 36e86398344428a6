import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inForm } from '../form.ts';
import { Browser, reasonOf } from '../../support/browser.ts';
import { send } from '../../support/http.ts';
import { endAllServices, eventually } from '../../support/service.ts';
import { PASSWORD } from '../../support/sign-up.ts';
import { CLOSING_MS, type Ground, openGround } from './ground.ts';
import { tokenOf } from './letters.ts';

const MAIL_CAP = 20;
/** As many as the bound on memory is measured with. */
const FLOOD = 300;

describe.skipIf(inject('redisUrl') === null || inject('mongoUri') === null)('the instances themselves', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround('faults of the instances', { PURGE_CRON: '* * * * * *', LIMIT_MAIL_PER_ADDRESS: `${MAIL_CAP}/1d` });
  });
  afterAll(async () => {
    await ground?.close();
    await endAllServices();
  }, CLOSING_MS);

  const register = async (email: string, instance = 0): Promise<Browser> => {
    const browser = new Browser(ground.field.urls[instance] ?? '');
    await browser.trpc.auth.register.mutate({ name: 'Ada', email, password: PASSWORD });
    return browser;
  };
  const mailsTo = (email: string) => ground.field.smtp.mails.filter(({ to }) => to.includes(email));
  const tokensTo = async (email: string, count = 1): Promise<string[]> => {
    const mails = await eventually(
      async () => mailsTo(email),
      (found) => found.length >= count,
      20_000,
    );
    return mails.map(tokenOf).filter((token) => token !== null);
  };
  const signedIn = async (email: string): Promise<Browser> => {
    const browser = await register(email);
    const [token = ''] = await tokensTo(email);
    const { session } = await browser.trpc.auth.verifyEmail.mutate({ token });
    browser.accessToken = session?.accessToken ?? null;
    return browser;
  };
  const rigged = async (rig: Parameters<Ground['field']['restart']>[1], instance = 0) => {
    await ground.field.service(instance).stop();
    await ground.field.restart(instance, rig);
  };

  it('F13 fifty sign-ups of one address at once: fifty equal answers, no account, no more mails than the cap', async () => {
    const { field } = ground;
    await ground.endure('F13', 'fifty sign-ups of one address at once, over both', async () => {
      const browsers = Array.from({ length: 50 }, (_, n) => new Browser(field.urls[n % 2] ?? ''));
      const input = { name: 'Ada', email: 'wanted@example.com', password: PASSWORD };
      const answers = await Promise.all(browsers.map((browser) => browser.post('auth.register', input)));
      const names = ({ headers }: { headers: Headers }) => [...headers.keys()].toSorted().join();
      expect(new Set(answers.map((answer) => `${answer.status} ${answer.body} ${names(answer)}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(200);

      const outbox = field.database.collection('outbox');
      const waiting = { 'intent.email.canonical': 'wanted@example.com', state: 'waiting' };
      await eventually(
        () => outbox.countDocuments(waiting),
        (count) => count === 0,
        20_000,
      );
      expect(await field.database.collection('registrations').countDocuments({ canonical: 'wanted@example.com' })).toBe(50);
      expect(await field.database.collection('users').countDocuments({ canonical: 'wanted@example.com' })).toBe(0);
      expect(mailsTo('wanted@example.com').length).toBeGreaterThan(0);
      expect(mailsTo('wanted@example.com').length).toBeLessThanOrEqual(MAIL_CAP);
    });
  });

  it('F14 two confirmations of one address between check and write: one account, one plain refusal', async () => {
    const { field } = ground;
    await ground.endure('F14', 'a second between check and write, two confirmations in it', async () => {
      await rigged({ pauseAt: { 'users.create.before': 1_000 } });
      const browsers = [await register('twice@example.com'), await register('twice@example.com')];
      const tokens = await tokensTo('twice@example.com', 2);
      // Which mail is whose, nobody can tell from outside; each browser confirms with either, by its password.
      const outcomes = await Promise.all(
        browsers.map((browser, n) =>
          browser.trpc.auth.verifyEmail.mutate({ token: tokens[n] ?? '', password: PASSWORD }).then(
            () => 'verified',
            (error: { data?: { reason?: string } }) => error.data?.reason,
          ),
        ),
      );
      expect(outcomes.toSorted()).toEqual(['account-exists', 'verified']);
      expect(field.service(0).output()).not.toContain('E11000');
      await rigged(undefined);
    });
  });

  it('F25 a purge that is slow on one instance and throws on the other: one at a time, each goes on, nothing twice', async () => {
    const { field } = ground;
    const registrations = field.database.collection<{ _id: string }>('registrations');
    const model = await registrations.findOne();
    const past = new Date(Date.now() - 60_000);
    const expired = Array.from({ length: 1_200 }, (_, n) => ({
      ...model,
      ...{ _id: `expired-${n}`, rootId: `expired-${n}`, browserHash: `expired-${n}`, expiresAt: past, endsAt: past },
    }));
    const purged = (output: string) =>
      [...output.matchAll(/"registrations_purged","count":(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);

    await ground.endure('F25', 'each batch 1.5 s late on one, throwing on the other, 1200 due', async () => {
      await rigged({ failAt: 'registrations.purge.before' }, 1);
      await eventually(
        async () => field.service(1).output(),
        (output) => output.includes('The purge failed'),
        20_000,
      );
      // After the one has thrown, for the other holds the lease almost all the time.
      await rigged({ pauseAt: { 'registrations.purge.before': 1_500 } }, 0);
      await registrations.insertMany(expired);
      await eventually(
        async () => purged(field.service(0).output()),
        (count) => count >= 1_200,
        30_000,
      );
      expect(purged(field.service(0).output())).toBe(1_200);
      expect(await registrations.countDocuments({ _id: /^expired-/ })).toBe(0);
      await rigged(undefined, 0);
      await rigged(undefined, 1);
    });
  });

  it('F27 a flood of hashes: an honest 503 beyond the gate, and refreshes, sign-outs and health go on', async () => {
    const { field } = ground;
    const ada = await signedIn('ada-f27@example.com');
    await ground.endure('F27', `${FLOOD} logins of as many addresses at once, at one instance`, async () => {
      let isOver = false;
      const port = Number(new URL(field.urls[0]).port);
      const attempt = (n: number) => {
        const body = JSON.stringify({ email: `flood-${n}@example.com`, password: PASSWORD });
        return send(port, '/trpc/auth.login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      };
      const flood = Promise.all(Array.from({ length: FLOOD }, (_, n) => attempt(n))).finally(() => {
        isOver = true;
      });
      let refreshed = 0;
      while (!isOver) {
        const { accessToken } = await ada.trpc.auth.refresh.mutate();
        ada.accessToken = accessToken;
        await ada.trpc.auth.me.query();
        expect((await fetch(`${field.urls[0]}/healthz`)).status).toBe(200);
        refreshed += 1;
      }
      const answers = await flood;
      const refused = answers.filter(({ status }) => status === 503);
      expect(answers.filter(({ status }) => status !== 401 && status !== 503)).toEqual([]);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
      expect(refreshed).toBeGreaterThan(3);
    });
  });

  it('F28 clients that leave in the middle: their places come free, and what they lost can be had again', async () => {
    const { field } = ground;
    const ada = await signedIn('ada-f28@example.com');
    const leaving = inForm({ short: 90, long: 500 });
    await ground.endure('F28', `${leaving} connections cut at a random moment of a login, a sign-up or a refresh`, async () => {
      const port = Number(new URL(field.urls[0]).port);
      const cookie = await ada.jar.getCookieString(field.urls[0]);
      const body = (n: number) => JSON.stringify({ name: 'Gone', email: `gone-${n}@example.com`, password: PASSWORD });
      for (let n = 0; n < leaving; n += 1) {
        const [path, payload] = [
          ['auth.login', JSON.stringify({ email: `gone-${n}@example.com`, password: PASSWORD })] as const,
          ['auth.register', body(n)] as const,
          ['auth.refresh', ''] as const,
        ][n % 3] ?? ['', ''];
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        socket.write(
          `POST /trpc/${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nCookie: ${cookie}\r\nContent-Length: ${payload.length}\r\n\r\n${payload}`,
        );
        await sleep(Math.random() * 20);
        socket.resetAndDestroy();
      }
      ada.accessToken = (await ada.trpc.auth.refresh.mutate()).accessToken;
      await ada.trpc.auth.me.query();
    });
    expect(field.service(0).process.exitCode).toBeNull();
    expect(field.service(0).output()).not.toMatch(/sys_crash|unhandled/i);
  });

  it('F29 a rolling restart: everybody gets on through the other instance, and nobody is signed out', async () => {
    const { field } = ground;
    await ground.endure('F29', 'both instances restarted in turn, by SIGTERM', async () => {
      for (const instance of [0, 1]) {
        const began = Date.now();
        expect(await field.service(instance).stop()).toBe(0);
        expect(Date.now() - began).toBeLessThan(10_000);
        await field.restart(instance);
      }
    });
  });

  it('F29 told twice to stop: ends at once, with 1', async () => {
    const { field } = ground;
    await rigged({ pauseAt: { 'users.findByEmail.before': 4_000 } });
    const inFlight = new Browser(field.urls[0])
      .post('auth.login', { email: 'nobody@example.com', password: PASSWORD })
      .catch(() => 'cut off');
    await sleep(300);
    const { process, exited } = field.service(0);
    process.kill('SIGTERM');
    await eventually(
      async () => field.service(0).output(),
      (output) => output.includes('sys_shutdown'),
    );
    process.kill('SIGTERM');
    expect(await exited).toBe(1);
    expect(await inFlight).toBe('cut off');
    await field.restart(0);
    ground.note('F29', 'a second SIGTERM while a request is in flight', 'exit 1 at once');
  });

  it('F32 clocks five seconds apart: nobody notices', async () => {
    for (const seconds of inForm({ short: [5], long: [5, -5] })) {
      await ground.endure('F32', `one clock ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`, async () => {
        await rigged({ clockOffsetMs: seconds * 1_000 });
        await sleep(inForm({ short: 2_000, long: 20_000 }));
      });
      await rigged(undefined);
      // From ahead to behind it would be ten seconds from its own tokens.
      await sleep(inForm({ short: 0, long: 6_000 }));
    }
  });

  it('F33 slow, idle and overlong clients: cut off or refused, and everybody else is served', async () => {
    const { field } = ground;
    const port = Number(new URL(field.urls[0]).port);
    await ground.endure('F33', '500 dribbling and 1500 idle sockets, 64 kB of headers, a URL of 1 MB', async () => {
      const open = (first: string) => {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        socket.write(first);
        return socket;
      };
      const slow = Array.from({ length: 500 }, () => open('POST /trpc/auth.login HTTP/1.1\r\nHost: localhost\r\n'));
      const idle = Array.from({ length: 1_500 }, () => open(''));
      const dribble = setInterval(() => {
        for (const socket of slow) socket.write('X-A: b\r\n');
      }, 1_000);

      const status = async (request: string) => {
        const socket = open(request);
        let answer = '';
        socket.on('data', (chunk) => (answer += chunk.toString()));
        await eventually(
          async () => answer,
          (text) => text.includes('\r\n'),
        );
        socket.destroy();
        return Number(answer.split(' ')[1]);
      };
      expect(await status(`GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`)).toBe(431);
      expect(await status(`GET /${'x'.repeat(1_048_576)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toBe(431);
      await eventually(
        async () => slow.filter(({ closed }) => !closed).length,
        (count) => count === 0,
        15_000,
      );
      clearInterval(dribble);
      for (const socket of idle) socket.destroy();
    });
  });

  it('F32 a clock an hour ahead: it refuses access tokens past their life, and refreshes go on', async () => {
    // It ends the others' registrations too, half an hour early by everybody else's clock.
    await ground.crowd.finish();
    const ada = await signedIn('ada-f32@example.com');
    const { field } = ground;
    await field.service(1).stop();
    await field.restart(1, { clockOffsetMs: 3_600_000 });
    const there = new Browser(field.urls[1]);
    for (const cookie of await ada.jar.getCookies(field.urls[0])) await there.jar.setCookie(cookie, field.urls[1]);
    there.accessToken = ada.accessToken;
    expect(await reasonOf(there.trpc.auth.me.query())).toBe('unauthenticated');
    there.accessToken = (await there.trpc.auth.refresh.mutate()).accessToken;
    expect((await there.trpc.auth.me.query()).email).toBe('ada-f32@example.com');
    await rigged(undefined, 1);
    ground.note('F32', 'one clock an hour ahead', 'old access tokens refused there; refreshes answered');
  });
});
