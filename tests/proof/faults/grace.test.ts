import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record, type Row } from '../record.ts';
import { Browser, reasonOf } from '../../support/browser.ts';
import { inboxOf } from '../../support/inbox.ts';
import { endAllServices, eventually, type RunningService, startService } from '../../support/service.ts';
import { PASSWORD, signedUp } from '../../support/sign-up.ts';
import { openTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const GRACE_MS = 3_000;

describe('answers to a refresh that are lost', () => {
  const rows: Row[] = [];
  let service: RunningService;
  let wire: TcpProxy;
  beforeAll(async () => {
    service = await startService({ env: { REFRESH_GRACE: `${GRACE_MS / 1_000}s` } });
    wire = await openTcpProxy({ target: Number(new URL(service.url).port) });
  });
  afterAll(async () => {
    await record('lost answers', rows);
    await wire.close();
    await endAllServices();
  });

  /** A browser whose answers can be lost on the way. It signs in past the wire, and both are one host to its cookies. */
  const behindWire = async (email: string): Promise<Browser> => {
    const signed = await signedUp(service.url, email);
    const browser = new Browser(`http://localhost:${wire.port}`, { origin: service.url });
    for (const cookie of await signed.jar.getCookies(service.url)) await browser.jar.setCookie(cookie, service.url);
    return browser;
  };
  const loseRefreshOf = async (browser: Browser) => {
    const lost = wire.loseAnswerTo('auth.refresh');
    await expect(browser.trpc.auth.refresh.mutate()).rejects.toThrow('fetch failed');
    await lost;
  };
  const noticesTo = async (email: string) =>
    (await inboxOf(service.url)).filter(({ to, subject }) => to.includes(email) && !/confirm/i.test(subject));

  it('shorter than REFRESH_GRACE: signs nobody out, ten times in a row', async () => {
    const ada = await behindWire('ada@example.com');
    for (let time = 0; time < 10; time += 1) {
      await loseRefreshOf(ada);
      await sleep(GRACE_MS / 10);
      ada.accessToken = (await ada.trpc.auth.refresh.mutate()).accessToken;
      expect((await ada.trpc.auth.me.query()).email).toBe('ada@example.com');
    }
    expect(await noticesTo('ada@example.com')).toEqual([]);
    rows.push({ 'the answer was lost for': 'less than `REFRESH_GRACE`, ten times', outcome: 'signed in all the while; no notice' });
  });

  it('for all of an outage shorter than it: signs none of twenty out', async () => {
    const people = [];
    for (let n = 0; n < 20; n += 1) people.push(await behindWire(`outage-${n}@example.com`));
    await Promise.all(people.map((browser) => loseRefreshOf(browser)));
    await wire.become('refuse');
    await sleep(GRACE_MS / 3);
    await wire.become('pass');
    const outcomes = await Promise.allSettled(people.map((browser) => browser.trpc.auth.refresh.mutate()));
    expect(outcomes.map(({ status }) => status)).toEqual(people.map(() => 'fulfilled'));
    rows.push({ 'the answer was lost for': 'an outage shorter than it, twenty people', outcome: 'all signed in' });
  });

  it('longer than it: ends that session, tells its owner by mail, and lets them sign in again', async () => {
    const bert = await behindWire('bert@example.com');
    await loseRefreshOf(bert);
    await sleep(GRACE_MS + 500);
    expect(await reasonOf(bert.trpc.auth.refresh.mutate())).toBe('invalid-refresh-token');
    await eventually(
      () => noticesTo('bert@example.com'),
      (notices) => notices.length === 1,
    );
    expect((await bert.login('bert@example.com', PASSWORD)).user.email).toBe('bert@example.com');
    rows.push({ 'the answer was lost for': 'longer than it', outcome: 'signed out, told by mail, signs in again' });
  });
});
