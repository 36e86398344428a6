import { beforeEach, describe, expect, it } from 'vitest';
import { CountingHasher } from '../support/counting-hasher.ts';
import { emailOf, errorOf, granted } from '../support/outcome.ts';
import { ms } from '../support/test-clock.ts';
import { ADDRESS, type Browser, createWorld, PASSWORD, type World } from '../support/world.ts';
import { MemoryPasswordHasher } from '#adapters/outbound/memory/memory-password-hasher.ts';
import type { PasswordHasher } from '#application/ports/password-hasher.ts';
import { Unavailable } from '#application/unavailable.ts';

const WRONG = { password: 'a wrong password' };
const REFUSED = { ok: false, error: { code: 'invalid-credentials' } };

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

describe('a sign-in', () => {
  it('gives a session, a device token and the profile, and notes when', async () => {
    await world.member();
    world.clock.advance('1h');

    const signedIn = granted(await world.login(browser));

    expect(signedIn.profile).toMatchObject({ email: { mailbox: ADDRESS }, lastLoginAt: world.clock.now() });
    expect((await world.user())?.lastLoginAt).toEqual(world.clock.now());
    expect(signedIn.access.expiresInSeconds).toBe(900);
    expect(signedIn.refresh.expiresAt).toEqual(world.clock.in('7d'));
    expect(signedIn.device.expiresAt).toEqual(world.clock.in('90d'));
    expect(granted(await world.me(browser))).toEqual(signedIn.profile);
    expect(JSON.stringify(signedIn.profile)).not.toContain('$');
  });

  it('works in any case of the address and in no other case of the password', async () => {
    await world.member();

    granted(await world.login(browser, { email: 'ADA@Example.COM' }));
    expect(await world.login(browser, { password: PASSWORD.toUpperCase() })).toEqual(REFUSED);
  });

  it('gives every browser a session of its own', async () => {
    const [first, second] = [await world.member(), browser];
    granted(await world.login(second));
    await world.logout(first);

    expect(errorOf(await world.me(first)).code).toBe('unauthenticated');
    granted(await world.me(second));
  });

  it('keeps the name of a device that has been here before', async () => {
    const device = await world.member();
    const { canonical } = emailOf(ADDRESS);
    const idOf = ({ deviceToken }: Browser) => world.tokens.devices.open(deviceToken ?? '', canonical, world.clock.now());
    const before = idOf(device);
    granted(await world.login(device));
    granted(await world.login(browser));

    expect(before).not.toBeNull();
    expect(idOf(device)).toBe(before);
    expect(idOf(browser)).not.toBe(before);
  });
});

describe('the one answer', () => {
  const failures: [string, () => Promise<unknown>][] = [
    ['an unknown address', async () => undefined],
    ['a wrong password', () => world.member()],
    ['an address that nobody confirmed', () => world.signUp(world.browser(), WRONG)],
    [
      'an expired sign-up',
      async () => {
        await world.signUp(browser, WRONG);
        world.clock.advance('31m');
      },
    ],
  ];

  it.each(failures)('is given for %s, for one verification and no hash', async (_what, prepare) => {
    await prepare();

    const work = await world.hasher.countDuring(async () => expect(await world.login(browser, WRONG)).toEqual(REFUSED));

    expect(work).toEqual({ hashes: 0, verifications: 1 });
    expect(world.events.at(-1)).toEqual({ event: 'authn_login_fail', email: emailOf(ADDRESS) });
    expect(world.sessions.calls('add')).toBe(world.events.filter(({ event }) => event === 'user_created').length);
  });

  it('is no oracle together with a sign-up: what was just typed is refused for a free and a taken address alike', async () => {
    await world.member();
    const answers = [];
    for (const email of [ADDRESS, 'free@example.com']) {
      const stranger = world.browser();
      await world.register(stranger, { ...WRONG, email });
      answers.push(await world.login({ ...stranger, browserSecret: null }, { ...WRONG, email }));
    }

    expect(answers).toEqual([REFUSED, REFUSED]);
  });

  it('is refused as input for what is no address or could not be hashed, before anything is counted', async () => {
    expect(errorOf(await world.login(browser, { email: 'ada' }))).toEqual({ code: 'invalid-input', fields: { email: 'malformed' } });
    for (const password of ['x'.repeat(257), '\udfff']) {
      expect(errorOf(await world.login(browser, { password }))).toEqual({ code: 'invalid-input', fields: { password: 'unusable' } });
    }
    expect(world.limiter.spent).toEqual({});
    expect(world.hasher.verifications).toBe(0);
  });
});

describe('the browser of a sign-up', () => {
  it('is told to look for the mail if the password is that of its sign-up, whether or not an account has the address', async () => {
    await world.member({ email: 'taken@example.com', password: "the owner's own" });
    const answers = [];
    for (const email of ['free@example.com', 'taken@example.com']) {
      const each = world.browser();
      await world.register(each, { email });
      answers.push(await world.login(each, { email }));
      await world.deliverAll();
      answers.push(await world.login(each, { email }));
    }

    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ ok: false, error: { code: 'email-not-verified' } })));
  });

  it.each([
    ['a wrong password', ADDRESS, 'nobody typed this'],
    ['its password', ADDRESS, PASSWORD],
    ["the owner's password", 'taken@example.com', "the owner's own"],
    ['a wrong password for a taken address', 'taken@example.com', 'nobody typed this'],
  ])('pays for two verifications with %s', async (_what, email, password) => {
    await world.member({ email: 'taken@example.com', password: "the owner's own" });
    await world.signUp(browser, { email: ADDRESS });
    await world.register(browser, { email });

    expect(await world.hasher.countDuring(() => world.login(browser, { email, password }))).toEqual({ hashes: 0, verifications: 2 });
  });

  it('pays for one with another address, and is told nothing', async () => {
    await world.signUp(browser);

    const work = await world.hasher.countDuring(async () =>
      expect(await world.login(browser, { email: 'bob@example.com' })).toEqual(REFUSED),
    );
    expect(work.verifications).toBe(1);
  });

  it('is told nothing with a wrong password, and another browser nothing with the right one', async () => {
    await world.signUp(browser);

    expect(await world.login(browser, WRONG)).toEqual(REFUSED);
    expect(await world.login(world.browser())).toEqual(REFUSED);
    expect(await world.login({ ...world.browser(), browserSecret: 'A'.repeat(43) })).toEqual(REFUSED);
  });

  it('is told nothing once its sign-up is over', async () => {
    await world.signUp(browser);
    world.clock.advance('30m');

    expect(await world.login(browser)).toEqual(REFUSED);
  });

  it('signs in with the password of its confirmed sign-up', async () => {
    const token = await world.signUp(browser);
    granted(await world.verify(world.browser(), token, { password: PASSWORD }));

    granted(await world.login(browser));
  });

  it('is told nothing of a sign-up that was confirmed, not even with its password', async () => {
    const token = await world.signUp(browser);
    granted(await world.verify(world.browser(), token, { password: PASSWORD }));
    const user = await world.user();
    if (user === null) throw new Error('no user');
    const to = await world.hasher.hash('a changed password');
    await world.users.port.replacePasswordHash({ id: user.id, from: user.passwordHash, to });

    expect(await world.login(browser)).toEqual(REFUSED);
  });
});

describe('the limits of guessing', () => {
  it('are taken narrowest first, the address last', async () => {
    await world.login(world.browser('2001:db8::1'));

    expect(world.limiter.taken).toEqual([
      ...['login-address-host', 'login-address-site', 'login-host', 'login-site', 'global-host', 'global-site'],
      'login-address',
    ]);
  });

  it('let ten guesses of two hundred at once reach the hash, from one place', async () => {
    await world.member();

    const work = await world.hasher.countDuring(() => Promise.all(Array.from({ length: 200 }, () => world.login(browser, WRONG))));
    expect(work.verifications).toBe(10);
  });

  it('let ten guesses of two hundred at once reach the hash, from two hundred places', async () => {
    await world.member();

    const work = await world.hasher.countDuring(() => Promise.all(Array.from({ length: 200 }, () => world.login(world.browser(), WRONG))));
    expect(work.verifications).toBe(10);
  });

  it('let fifty of a thousand addresses be tried from one place', async () => {
    const work = await world.hasher.countDuring(async () => {
      for (let count = 0; count < 1_000; count += 1) await world.login(browser, { email: `user${count}@example.com` });
    });

    expect(work.verifications).toBe(50);
  });

  it('let a client that is over its own limit spend no points of an address', async () => {
    await world.member();
    for (let count = 0; count < 50; count += 1) await world.login(browser, { email: `user${count}@example.com` });
    world.limiter.openBook();
    for (let count = 0; count < 20; count += 1) expect(errorOf(await world.login(browser, WRONG)).code).toBe('too-many-requests');

    expect(world.limiter.taken).not.toContain('login-address');
  });

  it('treat an unknown address like a known one', async () => {
    const answers = async () => {
      const seen = [];
      for (let count = 0; count < 12; count += 1) seen.push(errorOf(await world.login(browser, WRONG)).code);
      return seen;
    };
    const unknown = await answers();
    world = createWorld();
    await world.member();

    expect(await answers()).toEqual(unknown);
    expect(unknown.slice(9)).toEqual(['invalid-credentials', 'too-many-requests', 'too-many-requests']);
  });

  it('are not lifted by anything but the end of their window', async () => {
    const owner = await world.member();
    for (let count = 0; count < 10; count += 1) await world.login(browser, WRONG);
    await world.refresh(owner);
    granted(await world.login(owner));
    world.clock.advance('14m');

    expect(errorOf(await world.login(browser)).code).toBe('too-many-requests');
    world.limiter.closeWindows();
    granted(await world.login(browser));
  });
});

describe('a successful sign-in', () => {
  it('gives back what it shares with others, and not what counts this address from here', async () => {
    await world.member();
    world.limiter.openBook();
    granted(await world.login(world.browser('2001:db8::1')));

    expect(world.limiter.spent).toEqual({ 'login-address-host': 1, 'login-address-site': 1 });
  });

  it('keeps the points of a failed one', async () => {
    world.limiter.openBook();
    await world.login(browser, WRONG);

    expect(world.limiter.spent).toEqual({ 'login-address-host': 1, 'login-host': 1, 'global-host': 1, 'login-address': 1 });
  });

  it('succeeds five times at once', async () => {
    await world.member();

    const answers = await Promise.all(Array.from({ length: 5 }, () => world.login({ ...browser })));
    expect(answers.every(({ ok }) => ok)).toBe(true);
  });

  it('does not let a guesser with an account of his own clear the count of another', async () => {
    await world.member();
    await world.member({ email: 'mallory@example.com' });
    const guess = async () => {
      await world.login(browser, { email: 'mallory@example.com' });
      return world.login(browser, WRONG);
    };
    for (let count = 0; count < 9; count += 1) expect(await guess()).toEqual(REFUSED);
    await world.login(browser, WRONG);

    expect(errorOf(await world.login(browser, WRONG)).code).toBe('too-many-requests');
  });
});

describe('a known device', () => {
  it('counts by itself and nowhere else', async () => {
    const device = await world.member();
    world.limiter.openBook();
    await world.login(device, WRONG);
    granted(await world.login(device));

    expect(world.limiter.spent).toEqual({ 'login-device': 2 });
  });

  it('gets its owner in while a hundred strangers guess', async () => {
    const device = await world.member();
    for (let count = 0; count < 100; count += 1) await world.login(world.browser(), WRONG);

    expect(errorOf(await world.login(browser)).code).toBe('too-many-requests');
    granted(await world.login(device));
  });

  it('has its own ten guesses, at once or not', async () => {
    const device = await world.member();

    const work = await world.hasher.countDuring(() =>
      Promise.all(Array.from({ length: 200 }, () => world.login({ ...device, ip: world.browser().ip }, WRONG))),
    );
    expect(work.verifications).toBe(10);
  });

  it.each([
    ['of another address', (device: Browser) => device.deviceToken, 'bob@example.com', ms('0s')],
    ['that was tampered with', (device: Browser) => `x${device.deviceToken}`, ADDRESS, ms('0s')],
    ['that ran out', (device: Browser) => device.deviceToken, ADDRESS, ms('90d')],
  ])('is none with a token %s', async (_what, tokenOf, email, waitMs) => {
    const deviceToken = tokenOf(await world.member());
    world.clock.advance(`${waitMs}ms`);
    world.limiter.openBook();
    await world.login({ ...browser, deviceToken }, { ...WRONG, email });

    expect(world.limiter.spent).toMatchObject({ 'login-address': 1, 'login-host': 1 });
    expect(world.limiter.spent).not.toHaveProperty('login-device');
  });
});

describe('an outdated hash', () => {
  async function outdatedWorld(): Promise<PasswordHasher> {
    let hasher: PasswordHasher = new MemoryPasswordHasher({ version: 1 });
    const settable: PasswordHasher = {
      hash: (password) => hasher.hash(password),
      verify: (hash, password) => hasher.verify(hash, password),
    };
    world = createWorld({ hasher: settable });
    await world.member();
    const counting = new CountingHasher(new MemoryPasswordHasher({ version: 2 }));
    hasher = counting;
    return counting;
  }

  it('is replaced once, by a sign-in that went well', async () => {
    await outdatedWorld();
    const before = (await world.user())?.passwordHash;
    await world.login(browser, WRONG);
    expect((await world.user())?.passwordHash).toBe(before);

    const first = await world.hasher.countDuring(async () => granted(await world.login(browser)));
    const after = (await world.user())?.passwordHash;
    const second = await world.hasher.countDuring(async () => granted(await world.login(browser)));

    expect([first, second]).toEqual([
      { hashes: 1, verifications: 1 },
      { hashes: 0, verifications: 1 },
    ]);
    expect(after).not.toBe(before);
    expect((await world.user())?.passwordHash).toBe(after);
  });

  it('is not replaced if the password was changed meanwhile', async () => {
    await outdatedWorld();
    const user = await world.user();
    if (user === null) throw new Error('no user');
    const changed = await new MemoryPasswordHasher({ version: 2 }).hash('changed meanwhile');
    world.users.before('replacePasswordHash', () =>
      world.users.port.replacePasswordHash({ id: user.id, from: user.passwordHash, to: changed }),
    );

    granted(await world.login(browser));
    expect((await world.user())?.passwordHash).toBe(changed);
  });

  it('lets its owner in when it cannot be replaced now', async () => {
    await outdatedWorld();
    world.users.failOn('replacePasswordHash');

    granted(await world.login(browser));
    expect((await world.hasher.countDuring(async () => granted(await world.login(browser)))).hashes).toBe(1);
  });

  it('lets its owner in when the hasher is too busy to make another', async () => {
    const busy = await outdatedWorld();
    busy.hash = () => Promise.reject(new Unavailable('busy'));

    granted(await world.login(browser));
  });
});

describe('what is not there', () => {
  it.each(['findByEmail', 'recordLogin'] as const)('costs no points: users.%s', async (method) => {
    await world.member();
    world.limiter.openBook();
    world.users.failOn(method);

    await expect(world.login(browser)).rejects.toThrow(Unavailable);
    expect(world.limiter.spent).toEqual({});
  });

  it('never lets anybody in', async () => {
    await world.member();
    world.sessions.failOn('add');

    await expect(world.login(browser)).rejects.toThrow(Unavailable);
    expect(browser.refreshToken).toBeNull();
    expect(world.limiter.spent).not.toHaveProperty('login-address');
  });
});
