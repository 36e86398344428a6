import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { type Browser, createWorld, type World } from '../support/world.ts';

let world: World;
let browser: Browser;

beforeEach(async () => {
  world = createWorld();
  browser = await world.member();
});

const revocations = () => world.events.filter(({ event }) => event === 'authn_token_revoked').length;

describe('a sign-out', () => {
  it('ends the session at once, for its refresh token and its access token', async () => {
    await world.logout(browser);

    expect(errorOf(await world.refresh(browser)).code).toBe('invalid-refresh-token');
    expect(errorOf(await world.me(browser)).code).toBe('unauthenticated');
    expect(revocations()).toBe(1);
  });

  it('works with any genuine token of the session, however old', async () => {
    const first = browser.refreshToken;
    for (let count = 0; count < 8; count += 1) {
      world.clock.advance('1h');
      granted(await world.refresh(browser));
    }

    await world.logout(browser, first);

    expect(errorOf(await world.refresh(browser)).code).toBe('invalid-refresh-token');
    expect(await world.deliverAll()).toEqual([]);
  });

  it('works when the access token ran out', async () => {
    world.clock.advance('1h');
    await world.logout(browser);

    expect(errorOf(await world.refresh(browser)).code).toBe('invalid-refresh-token');
  });

  it('may be repeated, and counts once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => world.logout(browser)));
    await world.logout(browser);

    expect(revocations()).toBe(1);
  });

  it('may come after the end of the session', async () => {
    world.clock.advance('7d');
    await world.logout(browser);

    expect(revocations()).toBe(0);
  });

  it.each(['', 'no token', null])('does nothing with %j for a token', async (token) => {
    await world.logout(browser, token);

    granted(await world.me(browser));
  });

  it('does nothing with a forged token of the session', async () => {
    const [id, generation] = (browser.refreshToken ?? '').split('.');
    await world.logout(browser, `${id}.${generation}.${'A'.repeat(43)}`);

    granted(await world.me(browser));
  });

  it('leaves the other sessions of its owner alone', async () => {
    const other = world.browser();
    granted(await world.login(other));
    await world.logout(browser);

    granted(await world.me(other));
  });

  it('is never limited', async () => {
    world.limiter.openBook();
    await world.logout(browser);

    expect(world.limiter.taken).toEqual([]);
  });
});
