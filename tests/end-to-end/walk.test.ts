import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Browser, reasonOf } from '../support/browser.ts';
import { tokenIn } from '../support/inbox.ts';
import { endAllServices, eventually } from '../support/service.ts';
import { databaseOn } from '../support/test-mongo.ts';
import { distributedStage, embeddedStage, type Stage } from '../support/stage.ts';

const mongoUri = inject('mongoUri');
const redisUrl = inject('redisUrl');
const replicaSetUri = inject('replicaSetUri');

describeWalk('embedded', () => embeddedStage({ REFRESH_GRACE: '1s' }));
describe.skipIf(mongoUri === null || redisUrl === null)('with MongoDB (standalone), Redis and SMTP', () => {
  describeWalk('two instances', () =>
    distributedStage({ mongoUri: databaseOn(mongoUri), redisUrl: redisUrl ?? '' }, { REFRESH_GRACE: '1s' }),
  );
});
describe.skipIf(replicaSetUri === null || redisUrl === null)('with MongoDB (a set of three), Redis and SMTP', () => {
  describeWalk('two instances', () =>
    distributedStage({ mongoUri: databaseOn(replicaSetUri), redisUrl: redisUrl ?? '' }, { REFRESH_GRACE: '1s' }),
  );
});

function describeWalk(where: string, open: () => Promise<Stage>): void {
  describe(where, () => {
    let stage: Stage;
    let [here, there] = ['', ''];
    const password = 'correct horse battery';

    beforeAll(async () => {
      stage = await open();
      here = stage.urls[0];
      there = stage.urls[1] ?? here;
    });
    afterAll(async () => {
      await stage?.close();
      await endAllServices();
    });

    const tokenOf = async (address: string) => {
      const mails = await eventually(
        () => stage.mails(),
        (all) => all.some(({ to }) => to.includes(address)),
      );
      const mail = mails.find(({ to }) => to.includes(address));
      if (mail === undefined) throw new Error('no mail');
      return tokenIn(mail);
    };
    const signUp = async (browser: Browser, address: string) => {
      const answer = await browser.trpc.auth.register.mutate({ name: 'Ada Lovelace', email: address, password });
      expect(answer).toEqual({ status: 'check-your-inbox', expiresInSeconds: 1800 });
      return tokenOf(address);
    };
    const waitUntilSent = (browser: Browser) =>
      eventually(
        () => browser.trpc.auth.registration.query(),
        (view) => view?.mail === 'sent',
      );

    it('signs up, confirms in the same browser, and is signed in', async () => {
      const browser = new Browser(here);
      const token = await signUp(browser, 'ada@example.com');
      expect(await waitUntilSent(browser)).toMatchObject({ email: 'ada@example.com', state: 'waiting', mail: 'sent' });

      const { status, session } = await browser.trpc.auth.verifyEmail.mutate({ token });
      expect(status).toBe('verified');
      browser.accessToken = session?.accessToken ?? null;
      expect(await new Browser(there, { authorization: `Bearer ${browser.accessToken}` }).trpc.auth.me.query()).toMatchObject({
        name: 'Ada Lovelace',
        email: 'ada@example.com',
      });
      expect(await browser.cookie('registration')).toBeNull();
      expect(await reasonOf(new Browser(there).trpc.auth.verifyEmail.mutate({ token }))).toBe('already-verified');
    });

    it('confirms in another browser by the password, and not without', async () => {
      const token = await signUp(new Browser(here), 'bert@example.com');
      const phone = new Browser(there);
      expect(await reasonOf(phone.trpc.auth.verifyEmail.mutate({ token }))).toBe('proof-required');
      expect(await reasonOf(phone.trpc.auth.verifyEmail.mutate({ token, password: 'not the password' }))).toBe('invalid-credentials');
      const { session } = await phone.trpc.auth.verifyEmail.mutate({ token, password });
      expect(session?.user.email).toBe('bert@example.com');
    });

    it('confirms by a new password, and whoever signed up sees no change', async () => {
      const stranger = new Browser(here);
      const token = await signUp(stranger, 'cleo@example.com');
      await waitUntilSent(stranger);
      const before = await stranger.trpc.auth.registration.query();

      const owner = new Browser(there);
      const { session } = await owner.trpc.auth.verifyEmail.mutate({ token, newPassword: 'her very own password', name: 'Cleo' });
      expect(session?.user).toMatchObject({ name: 'Cleo', email: 'cleo@example.com' });

      expect(await stranger.trpc.auth.registration.query()).toEqual(before);
      expect(await reasonOf(new Browser(here).trpc.auth.login.mutate({ email: 'cleo@example.com', password }))).toBe('invalid-credentials');
      expect((await new Browser(here).login('cleo@example.com', 'her very own password')).user.name).toBe('Cleo');
    });

    it('tells only the right browser that an address is not confirmed yet', async () => {
      const browser = new Browser(here);
      await signUp(browser, 'dora@example.com');
      expect(await reasonOf(browser.trpc.auth.login.mutate({ email: 'dora@example.com', password }))).toBe('email-not-verified');
      expect(await reasonOf(browser.trpc.auth.login.mutate({ email: 'dora@example.com', password: 'wrong password' }))).toBe(
        'invalid-credentials',
      );
      expect(await reasonOf(new Browser(there).trpc.auth.login.mutate({ email: 'dora@example.com', password }))).toBe(
        'invalid-credentials',
      );
    });

    it('rotates the refresh token; one replaced a moment ago gets the current one; an older one ends the session, with one mail', async () => {
      const browser = new Browser(here);
      const token = await signUp(browser, 'erin@example.com');
      const { session } = await browser.trpc.auth.verifyEmail.mutate({ token });
      const first = await browser.cookie('refresh');

      await browser.trpc.auth.refresh.mutate();
      const second = await browser.cookie('refresh');
      expect(second).not.toBe(first);

      const lateTab = await browserWithRefresh(there, first);
      await lateTab.trpc.auth.refresh.mutate();
      expect(await lateTab.cookie('refresh')).toBe(second);

      await eventually(
        async () => reasonOrNull((await browserWithRefresh(there, first)).trpc.auth.refresh.mutate()),
        (reason) => reason === 'invalid-refresh-token',
        5_000,
      );
      expect(await reasonOf(browser.trpc.auth.refresh.mutate())).toBe('invalid-refresh-token');
      const signedOut = new Browser(there, { authorization: `Bearer ${session?.accessToken}` });
      expect(await reasonOf(signedOut.trpc.auth.me.query())).toBe('unauthenticated');

      const notices = async () =>
        (await stage.mails()).filter(({ to, links }) => to.includes('erin@') && !links.join().includes('#token='));
      await eventually(notices, (mails) => mails.length === 1);
      expect(await reasonOf((await browserWithRefresh(here, first)).trpc.auth.refresh.mutate())).toBe('invalid-refresh-token');
      expect(await notices()).toHaveLength(1);
    });

    it('signs out at once, for the access token too, and may be repeated', async () => {
      const browser = new Browser(here);
      const token = await signUp(browser, 'fay@example.com');
      browser.accessToken = (await browser.trpc.auth.verifyEmail.mutate({ token })).session?.accessToken ?? null;
      const refresh = await browser.cookie('refresh');
      expect(await browser.trpc.auth.me.query()).toMatchObject({ email: 'fay@example.com' });

      expect(await browser.trpc.auth.logout.mutate()).toEqual({ status: 'signed-out' });
      expect(await browser.cookie('refresh')).toBeNull();
      expect(await reasonOf(new Browser(there, { authorization: `Bearer ${browser.accessToken}` }).trpc.auth.me.query())).toBe(
        'unauthenticated',
      );
      expect(await reasonOf((await browserWithRefresh(there, refresh)).trpc.auth.refresh.mutate())).toBe('invalid-refresh-token');
      expect(await browser.trpc.auth.logout.mutate()).toEqual({ status: 'signed-out' });
    });

    it('mails the same link again when asked', async () => {
      const browser = new Browser(here);
      const token = await signUp(browser, 'gwen@example.com');
      expect(await reasonOf(browser.trpc.auth.resendVerification.mutate({}))).toBe('too-many-requests');
      await new Browser(there).trpc.auth.resendVerification.mutate({ email: 'gwen@example.com' });
      const toGwen = async () => (await stage.mails()).filter(({ to }) => to.includes('gwen@example.com'));
      const [again] = await eventually(toGwen, (mails) => mails.length === 2);
      expect(again && tokenIn(again)).toBe(token);
    });
  });
}

async function browserWithRefresh(url: string, refresh: string | null): Promise<Browser> {
  const browser = new Browser(url);
  await browser.jar.setCookie(`refresh=${refresh}; Path=/; HttpOnly; SameSite=Strict`, url);
  return browser;
}

function reasonOrNull(call: Promise<unknown>): Promise<string | null> {
  return call.then(
    () => null,
    () => reasonOf(call),
  );
}
