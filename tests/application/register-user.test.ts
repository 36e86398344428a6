import { beforeEach, describe, expect, it } from 'vitest';
import { ms } from '../support/test-clock.ts';
import { errorOf, granted } from '../support/outcome.ts';
import { ADDRESS, type Browser, createWorld, PASSWORD, type World } from '../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

describe('a sign-up', () => {
  it('answers with the lifetime of a link and a secret for the browser that lasts as long as the registration can', async () => {
    const receipt = granted(await world.register(browser));

    expect(receipt).toEqual({
      ttlMs: ms('30m'),
      browser: { token: expect.stringMatching(/^[\w-]{43}$/), expiresAt: world.clock.in('24h') },
    });
  });

  it('makes a registration and one message, and no user', async () => {
    await world.register(browser);

    const browserHash = world.tokens.browsers.hash(browser.browserSecret ?? '');
    expect(browserHash && (await world.registrations.port.findLive({ browserHash }, world.clock.now()))).toMatchObject({
      email: { canonical: ADDRESS },
      mail: 'queued',
      expiresAt: world.clock.in('24h'),
    });
    expect(await world.deliver()).toBe('settled');
    expect(await world.deliver()).toBe('idle');
    expect(await world.user()).toBeNull();
  });

  it('keeps no password and no secret of it', async () => {
    granted(await world.register(browser));
    const stored = await world.registrations.port.findLive({ email: ADDRESS as never }, world.clock.now());
    const message = await world.outbox.port.claim({ owner: 'test', now: world.clock.now(), leaseMs: 1 });
    world.clock.advance('1s');
    await world.deliverAll();

    const kept = JSON.stringify([stored, message]);
    const [registrationId, secret] = world.linkFor().split('.');
    expect(kept).toContain(registrationId);
    for (const forbidden of [PASSWORD, browser.browserSecret, secret]) expect(kept).not.toContain(forbidden);
  });

  it('makes a registration of its own every time, with a password, a browser and a link of its own', async () => {
    const browsers = [browser, world.browser(), world.browser()];
    for (const each of browsers) await world.signUp(each);

    expect(new Set(world.tokensTo()).size).toBe(3);
    expect(new Set(browsers.map(({ browserSecret }) => browserSecret)).size).toBe(3);
  });
});

describe('free, pending and taken addresses', () => {
  const kinds = [
    ['free', async () => undefined],
    ['pending', async () => world.signUp(world.browser())],
    ['taken', async () => world.member()],
  ] as const;

  const measure = async () => {
    const calls = () => ({
      registrations: world.registrations.calls('add') + world.registrations.calls('findLive'),
      outbox: world.outbox.calls('add'),
      users: world.users.calls('find') + world.users.calls('findByEmail') + world.users.calls('create'),
    });
    const before = calls();
    world.limiter.openBook();
    world.events.length = 0;
    let answer: object = {};
    const hashing = await world.hasher.countDuring(async () => {
      const { browser: cookie, ...rest } = granted(await world.register(browser));
      answer = { ...rest, cookie: [cookie.token.length, cookie.expiresAt.getTime() - world.clock.now().getTime()] };
    });
    const after = calls();
    const work = Object.fromEntries(Object.entries(after).map(([port, count]) => [port, count - before[port as keyof typeof before]]));
    return { answer, hashing, work, limits: world.limiter.taken, events: world.events.map(({ event }) => event) };
  };

  it.each(kinds)('get one answer at one price: %s', async (_kind, prepare) => {
    await prepare();

    expect(await measure()).toEqual({
      answer: { ttlMs: ms('30m'), cookie: [43, ms('24h')] },
      hashing: { hashes: 1, verifications: 0 },
      work: { registrations: 1, outbox: 1, users: 0 },
      limits: ['register-host', 'global-host'],
      events: ['registration_created'],
    });
  });

  it('get one answer fifty times at once, and no user', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.register(world.browser())));

    expect(new Set(answers.map((answer) => granted(answer).ttlMs))).toEqual(new Set([ms('30m')]));
    expect(await world.user()).toBeNull();
    await world.deliverAll();
    expect(world.lettersTo()).toHaveLength(20);
  });
});

describe('what is typed', () => {
  it('is refused field by field, with codes and never a value, before anything is counted', async () => {
    const answer = await world.register(browser, { name: ' ', email: 'ada@', password: 'x'.repeat(257) });

    expect(errorOf(answer)).toEqual({ code: 'invalid-input', fields: { name: 'empty', email: 'malformed', password: 'unusable' } });
    expect(world.limiter.spent).toEqual({});
    expect(world.hasher.hashes).toBe(0);
  });

  it.each([
    ['1234567', 'too-short'],
    ['🔑🔑🔑🔑🔑🔑🔑', 'too-short'],
    ['password1', 'too-common'],
    ['PassWord1', 'too-common'],
    [ADDRESS, 'context-word'],
    ['Ada Lovelace', 'context-word'],
    ['lighthouse1', 'context-word'],
    ['Sallyport', 'context-word'],
  ])('refuses the password %s, saying why, and hashes nothing', async (password, problem) => {
    expect(errorOf(await world.register(browser, { password }))).toEqual({ code: 'weak-password', problem });
    expect(world.hasher.hashes).toBe(0);
    expect(world.registrations.calls('add')).toBe(0);
  });

  it.each(['🔑🔑🔑🔑🔑🔑🔑🔑', ' spaces  and \u0000 nul ', 'é'.repeat(256)])('takes the password %j as typed', async (password) => {
    granted(await world.verify(browser, await world.signUp(browser, { password })));

    granted(await world.login(world.browser(), { password }));
    for (const other of [`${password} `, password.slice(0, -1), password.trim(), password.normalize('NFD')]) {
      if (other !== password) expect((await world.login(world.browser(), { password: other })).ok).toBe(false);
    }
  });
});

describe('the limit of sign-ups', () => {
  it('counts per address of the client, says when it ends and leaves others alone', async () => {
    for (let count = 0; count < 30; count += 1) granted(await world.register(browser, { email: `ada${count}@example.com` }));
    const { hashes } = world.hasher;

    expect(errorOf(await world.register(browser))).toEqual({ code: 'too-many-requests', retryAfterMs: expect.any(Number) });
    expect(world.hasher.hashes).toBe(hashes);
    expect(world.events.at(-1)).toEqual({ event: 'excess_rate_limit_exceeded', bucket: 'register-host' });
    granted(await world.register(world.browser()));
  });

  it('counts a household of IPv6 addresses as one', async () => {
    for (let count = 0; count < 30; count += 1) granted(await world.register(world.browser(`2001:db8:1:2::${count + 1}`)));

    expect(errorOf(await world.register(world.browser('2001:db8:1:2:ffff::1'))).code).toBe('too-many-requests');
    granted(await world.register(world.browser('2001:db8:1:3::1')));
  });

  it('counts a weak password, which was looked at', async () => {
    await world.register(browser, { password: 'password1' });

    expect(world.limiter.spent).toEqual({ 'register-host': 1, 'global-host': 1 });
  });
});

describe('what is not there', () => {
  it('costs no points when the registrations are gone', async () => {
    world.registrations.failOn('add');

    await expect(world.register(browser)).rejects.toThrow(Unavailable);
    expect(world.limiter.spent).toEqual({});
    granted(await world.register(browser));
  });

  it('costs no points when the outbox is gone', async () => {
    world.outbox.failOn('add');

    await expect(world.register(browser)).rejects.toThrow(Unavailable);
    expect(world.limiter.spent).toEqual({});
  });

  it('is told from a full outbox, with a time to come back and no points', async () => {
    world = createWorld({ outboxCapacity: 2 });
    await world.register(world.browser());
    await world.register(world.browser());
    world.limiter.openBook();

    await expect(world.register(browser)).rejects.toThrow(expect.objectContaining({ name: 'Unavailable', retryAfterMs: 30_000 }));
    expect(world.limiter.spent).toEqual({});
    expect(browser.browserSecret).toBeNull();
  });

  it('leaves nothing behind that nobody could ever confirm, when the outbox is full', async () => {
    world = createWorld({ outboxCapacity: 1 });
    await world.register(world.browser(), { email: 'bob@example.com' });
    await expect(world.register(browser)).rejects.toThrow(Unavailable);

    expect((await world.purge()).registrations).toBe(1);
  });

  it('is room again as soon as a worker has taken a message up', async () => {
    world = createWorld({ outboxCapacity: 1 });
    await world.register(world.browser());
    await world.deliver();

    granted(await world.register(browser));
  });
});
