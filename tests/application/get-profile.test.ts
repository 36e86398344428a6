import { beforeEach, describe, expect, it } from 'vitest';
import { granted } from '../support/outcome.ts';
import { ADDRESS, type Browser, createWorld, NAME, type World } from '../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';

const REFUSED = { ok: false, error: { code: 'unauthenticated' } };

let world: World;
let browser: Browser;

beforeEach(async () => {
  world = createWorld();
  browser = await world.member();
});

describe('an access token', () => {
  it('tells whose it is, and nothing of the password', async () => {
    const user = await world.user();

    expect(granted(await world.me(browser))).toEqual({
      id: user?.id,
      name: NAME,
      email: { mailbox: ADDRESS, canonical: ADDRESS },
      createdAt: world.clock.now(),
      lastLoginAt: world.clock.now(),
    });
  });

  it('runs out after a quarter of an hour, give or take what clocks differ', async () => {
    world.clock.advance('15m');
    granted(await world.me(browser));
    world.clock.advance('6s');

    expect(await world.me(browser)).toEqual(REFUSED);
  });

  it('is worth nothing once its session is over, however it ended', async () => {
    await world.logout(browser);
    expect(await world.me(browser)).toEqual(REFUSED);

    const idle = world.browser();
    granted(await world.login(idle));
    const { userId, sessionId } = (await world.deps.accessTokens.verify(idle.accessToken ?? '', world.clock.now())) ?? expect.fail();
    world.clock.advance('7d');
    const { token } = await world.deps.accessTokens.issue({ userId, sessionId, now: world.clock.now() });
    expect(await world.me(idle, token)).toEqual(REFUSED);
  });

  it('is worth nothing for a user whom nobody knows, nor for the session of another', async () => {
    const other = await world.member({ email: 'bob@example.com' });
    const now = world.clock.now();
    const [mine, his] = await Promise.all(
      [browser, other].map(async (each) => (await world.deps.accessTokens.verify(each.accessToken ?? '', now)) ?? expect.fail()),
    );
    const issue = async (userId: string, sessionId: string) =>
      (await world.deps.accessTokens.issue({ userId: userId as never, sessionId: sessionId as never, now })).token;

    expect(await world.me(browser, await issue('nobody', mine?.sessionId ?? ''))).toEqual(REFUSED);
    expect(await world.me(browser, await issue(mine?.userId ?? '', his?.sessionId ?? ''))).toEqual(REFUSED);
    expect(await world.me(browser, await issue(mine?.userId ?? '', 'no session'))).toEqual(REFUSED);
    granted(await world.me(browser, await issue(mine?.userId ?? '', mine?.sessionId ?? '')));
  });

  it('outlives a trade of the refresh token', async () => {
    const { accessToken } = browser;
    granted(await world.refresh(browser));

    granted(await world.me(browser, accessToken));
  });

  it('is none of the other tokens', async () => {
    for (const token of [null, '', browser.refreshToken, browser.deviceToken, `${browser.accessToken}x`, 'x'.repeat(5_000)]) {
      expect(await world.me(browser, token)).toEqual(REFUSED);
    }
  });
});

describe('the limit of looking', () => {
  it('counts a genuine token by its session, else by where one is', async () => {
    world.limiter.openBook();
    await world.me(browser);
    await world.me(world.browser(), 'no token');

    expect(world.limiter.spent).toEqual({ session: 1, 'session-host': 1 });
  });

  it('gives the point back when the sessions are gone, and lets nobody in', async () => {
    world.limiter.openBook();
    world.sessions.failOn('findAlive');

    await expect(world.me(browser)).rejects.toThrow(Unavailable);
    expect(world.limiter.spent).toEqual({});
  });
});
