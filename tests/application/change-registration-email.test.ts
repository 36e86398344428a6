import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { ms } from '../support/test-clock.ts';
import { ADDRESS, type Browser, createWorld, NAME, PASSWORD, type World } from '../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';

const RIGHT = 'ada@example.org';

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

describe('a change of a wrong address', () => {
  it('moves the sign-up: same name, same password, same last moment, a new browser secret and a new link', async () => {
    const endsAt = world.clock.in('24h');
    const old = await world.signUp(browser);
    const before = browser.browserSecret;
    world.clock.advance('10m');

    expect(granted(await world.change(browser, RIGHT))).toEqual({
      ttlMs: ms('30m'),
      browser: { token: expect.stringMatching(/^[\w-]{43}$/), expiresAt: endsAt },
    });

    expect(browser.browserSecret).not.toBe(before);
    expect(granted(await world.view(browser))).toMatchObject({ email: RIGHT, mail: 'queued', state: 'waiting' });
    await world.deliverAll();
    expect(world.linkFor(RIGHT)).not.toBe(old);
    granted(await world.verify(world.browser(), world.linkFor(RIGHT), { password: PASSWORD }));
    expect(await world.user(RIGHT)).toMatchObject({ name: NAME });
    expect(await world.user(ADDRESS)).toBeNull();
  });

  it('kills the link that went to the wrong one, and its browser secret', async () => {
    const old = await world.signUp(browser);
    const stale = { ...browser };
    granted(await world.change(browser, RIGHT));

    expect(errorOf(await world.verify(stale, old)).code).toBe('invalid-or-expired-token');
    expect(granted(await world.view(stale))).toBeNull();
    expect(errorOf(await world.change(stale, RIGHT))).toEqual({ code: 'invalid-input', fields: { registration: 'required' } });
  });

  it('sends nothing to the wrong one if its mail had not left', async () => {
    await world.register(browser);
    granted(await world.change(browser, RIGHT));
    await world.deliverAll();

    expect(world.lettersTo(ADDRESS)).toEqual([]);
    expect(world.lettersTo(RIGHT)).toHaveLength(1);
  });

  it('never prolongs the sign-up, however often', async () => {
    await world.register(browser);
    for (let count = 0; count < 4; count += 1) {
      world.clock.advance('5h');
      granted(await world.change(browser, `ada${count}@example.org`));
    }
    world.clock.advance('4h');

    expect(granted(await world.view(browser))).toBeNull();
  });

  it('does not renew what its browser may ask for again', async () => {
    await world.register(browser);
    for (let count = 0; count < 3; count += 1) {
      world.clock.advance('1m');
      granted(await world.resend(browser));
    }
    granted(await world.change(browser, RIGHT));
    world.clock.advance('1m');

    expect(errorOf(await world.resend(browser)).code).toBe('too-many-requests');
  });

  it('looks the same for a free and a taken address', async () => {
    await world.member({ email: 'taken@example.com', password: "the owner's own" });
    world.clock.advance('1h');
    const seen = [];
    for (const email of ['free@example.com', 'taken@example.com']) {
      const each = world.browser();
      await world.register(each);
      const { ttlMs } = granted(await world.change(each, email));
      await world.deliverAll();
      seen.push([ttlMs, { ...granted(await world.view(each)), email: '' }, await world.login(each, { email })]);
    }

    expect(seen[0]).toEqual(seen[1]);
    expect(world.lettersTo('taken@example.com').at(-1)?.kind).toBe('account-exists');
  });

  it('is refused once the sign-up made a user', async () => {
    const token = await world.signUp(browser);
    granted(await world.verify({ ...browser }, token));

    expect(errorOf(await world.change(browser, RIGHT))).toEqual({ code: 'already-verified' });
  });

  it('is refused without a live sign-up, and for what is no address', async () => {
    const none = { code: 'invalid-input', fields: { registration: 'required' } };
    expect(errorOf(await world.change(browser, RIGHT))).toEqual(none);
    await world.signUp(browser);
    expect(errorOf(await world.change(browser, 'ada'))).toEqual({ code: 'invalid-input', fields: { email: 'malformed' } });
    world.clock.advance('30m');
    expect(errorOf(await world.change(browser, RIGHT))).toEqual(none);
  });

  it('counts as a sign-up', async () => {
    await world.register(browser);
    world.limiter.openBook();
    granted(await world.change(browser, RIGHT));

    expect(world.limiter.spent).toEqual({ 'register-host': 1, 'global-host': 1 });
  });

  it('leaves the old sign-up as it was when the outbox is gone or full, and costs nothing', async () => {
    world = createWorld({ outboxCapacity: 2 });
    await world.register(browser);
    world.limiter.openBook();
    world.outbox.failOn('add');
    await expect(world.change(browser, RIGHT)).rejects.toThrow(Unavailable);
    await world.register(world.browser(), { email: 'bob@example.com' });
    world.limiter.openBook();
    await expect(world.change(browser, RIGHT)).rejects.toThrow(Unavailable);

    expect(world.limiter.spent).toEqual({});
    expect(granted(await world.view(browser))).toMatchObject({ email: ADDRESS });
    expect((await world.purge()).registrations).toBe(1);
  });
});
