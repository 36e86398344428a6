import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { ADDRESS, type Browser, createWorld, NAME, PASSWORD, type World } from '../support/world.ts';
import { userIdOf, type RegistrationId } from '#domain/ids.ts';

const HERS = { newPassword: 'her own long secret', name: 'Ada King' };
const STRANGERS = { name: 'Mallory', password: 'what mallory typed' };
const INVALID = { code: 'invalid-or-expired-token' };

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

const registrationOf = (token: string) => token.split('.')[0] as RegistrationId;

describe('the proof', () => {
  it('is the browser of the sign-up: it makes the user of the registration and signs them in', async () => {
    const token = await world.signUp(browser);

    const signedIn = granted(await world.verify(browser, token));

    expect(await world.user()).toMatchObject({ id: userIdOf(registrationOf(token)), name: NAME, lastLoginAt: world.clock.now() });
    expect(signedIn?.profile).toMatchObject({ name: NAME, createdAt: world.clock.now() });
    granted(await world.me(browser));
    expect(world.events.map(({ event }) => event)).toEqual(['registration_created', 'user_created', 'authn_login_success']);
  });

  it('is the password of the sign-up, in any browser', async () => {
    const token = await world.signUp(browser);
    const phone = world.browser();

    granted(await world.verify(phone, token, { password: PASSWORD }));

    expect((await world.user())?.id).toBe(userIdOf(registrationOf(token)));
    granted(await world.me(phone));
    granted(await world.login(world.browser()));
  });

  it('is a new password with a name: a user of whom the one who signed up learns nothing', async () => {
    const token = await world.signUp(browser, STRANGERS);
    const owner = world.browser();
    const before = granted(await world.view(browser));

    granted(await world.verify(owner, token, HERS));

    const user = await world.user();
    expect(user?.name).toBe(HERS.name);
    expect(user?.id).not.toBe(userIdOf(registrationOf(token)));
    expect(granted(await world.view(browser))).toEqual(before);
    expect(errorOf(await world.login(browser, STRANGERS)).code).toBe('email-not-verified');
    expect(errorOf(await world.login(world.browser(), STRANGERS)).code).toBe('invalid-credentials');
    granted(await world.login(world.browser(), { password: HERS.newPassword }));
  });

  it('is a new password even in the browser of the sign-up, with the new name', async () => {
    granted(await world.verify(browser, await world.signUp(browser), HERS));

    granted(await world.login(world.browser(), { password: HERS.newPassword }));
    expect(errorOf(await world.login(world.browser())).code).toBe('invalid-credentials');
  });

  it('is not the link alone, and the page is told for whom', async () => {
    const token = await world.signUp(browser);

    expect(errorOf(await world.verify(world.browser(), token))).toEqual({ code: 'proof-required', email: ADDRESS });
    expect(await world.user()).toBeNull();
  });

  it('is not the browser of another sign-up, not even for the same address', async () => {
    const token = await world.signUp(browser);
    const other = world.browser();
    await world.signUp(other);

    expect(errorOf(await world.verify(other, token)).code).toBe('proof-required');
    expect(await world.user()).toBeNull();
  });

  it('is not a wrong password, and the page is told for whom', async () => {
    const token = await world.signUp(browser);

    expect(errorOf(await world.verify(world.browser(), token, { password: `${PASSWORD} ` }))).toEqual({
      code: 'invalid-credentials',
      email: ADDRESS,
    });
    expect(world.events.at(-1)).toEqual({ event: 'authn_confirm_fail', registrationId: registrationOf(token) });
    expect(await world.user()).toBeNull();
    granted(await world.verify(world.browser(), token, { password: PASSWORD }));
  });

  it('is not a weak new password, which changes nothing and may be tried again', async () => {
    const token = await world.signUp(browser);
    const owner = world.browser();

    for (const [newPassword, problem] of [
      ['short', 'too-short'],
      ['password1', 'too-common'],
      ['adaking1', 'context-word'],
    ] as const) {
      expect(errorOf(await world.verify(owner, token, { ...HERS, newPassword }))).toEqual({ code: 'weak-password', problem });
    }
    expect(await world.user()).toBeNull();
    granted(await world.verify(owner, token, HERS));
  });
});

describe('what is offered', () => {
  const offers = [
    [{ password: PASSWORD, newPassword: 'another one', name: NAME }, { newPassword: 'not-with-password' }],
    [{ newPassword: 'another one' }, { name: 'required' }],
    [{ newPassword: 'another one', name: '  ' }, { name: 'empty' }],
    [{ name: NAME }, { name: 'only-with-new-password' }],
    [{ password: PASSWORD, name: NAME }, { name: 'only-with-new-password' }],
    [{ password: '\ud800' }, { password: 'unusable' }],
    [{ newPassword: 'x'.repeat(257), name: NAME }, { newPassword: 'unusable' }],
  ] as const;

  it.each(offers)('is refused as input when it makes no sense: %j', async (proof, fields) => {
    const token = await world.signUp(browser);
    const { hashes, verifications } = world.hasher;

    expect(errorOf(await world.verify(browser, token, proof))).toEqual({ code: 'invalid-input', fields });
    expect(world.hasher).toMatchObject({ hashes, verifications });
    expect(await world.user()).toBeNull();
  });
});

describe('the order of refusals', () => {
  it('starts with the token: nothing else is looked at for a wrong one', async () => {
    const token = await world.signUp(browser);
    granted(await world.verify(browser, token));
    const wrong = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;

    const { verifications } = world.hasher;
    const looks = world.users.calls('find') + world.users.calls('findByEmail');
    for (const each of [wrong, registrationOf(token), `${token}.`, ` ${token}`, '', 'x'.repeat(5_000)]) {
      expect(errorOf(await world.verify(world.browser(), each, { password: PASSWORD }))).toEqual(INVALID);
    }
    expect(world.hasher.verifications).toBe(verifications);
    expect(world.users.calls('find') + world.users.calls('findByEmail')).toBe(looks);
  });

  it('goes on with a user of this registration, whatever proof comes along', async () => {
    const token = await world.signUp(browser);
    granted(await world.verify(browser, token));
    const sessions = world.sessions.calls('add');
    const { verifications } = world.hasher;

    for (const proof of [{}, { password: PASSWORD }, { password: 'wrong' }, HERS, { newPassword: 'x', name: NAME }]) {
      expect(errorOf(await world.verify(world.browser(), token, proof))).toEqual({ code: 'already-verified' });
    }
    expect(world.sessions.calls('add')).toBe(sessions);
    expect(world.hasher.verifications).toBe(verifications);
  });

  it('goes on with another user of the address, whatever proof comes along', async () => {
    const other = world.browser();
    const token = await world.signUp(other);
    await world.member();
    const { verifications } = world.hasher;

    for (const proof of [{}, { password: PASSWORD }, { password: 'wrong' }, HERS, { newPassword: 'x', name: NAME }]) {
      expect(errorOf(await world.verify(other, token, proof))).toEqual({ code: 'account-exists' });
    }
    expect(world.hasher.verifications).toBe(verifications);
  });

  it('calls an account made with a new password an account that exists when its link is pressed again', async () => {
    const token = await world.signUp(browser, STRANGERS);
    granted(await world.verify(world.browser(), token, HERS));

    expect(errorOf(await world.verify(browser, token)).code).toBe('account-exists');
  });
});

describe('a link', () => {
  it('does not open another registration', async () => {
    const first = await world.signUp(browser);
    const second = await world.signUp(world.browser(), { email: 'bob@example.com' });
    const [firstId, firstSecret] = first.split('.');
    const [secondId, secondSecret] = second.split('.');

    for (const mixed of [`${firstId}.${secondSecret}`, `${secondId}.${firstSecret}`]) {
      expect(errorOf(await world.verify(browser, mixed))).toEqual(INVALID);
    }
  });

  it('is none of the other tokens, nor they it', async () => {
    const member = await world.member({ email: 'bob@example.com' });
    const token = await world.signUp(browser);

    for (const each of [member.refreshToken, member.accessToken, member.deviceToken, browser.browserSecret]) {
      expect(errorOf(await world.verify(browser, each ?? ''))).toEqual(INVALID);
    }
    expect(errorOf(await world.refresh(browser, token)).code).toBe('invalid-refresh-token');
    expect(errorOf(await world.me(browser, token)).code).toBe('unauthenticated');
    expect(granted(await world.view({ ...browser, browserSecret: token }))).toBeNull();
  });

  it('works up to the instant at which its clock ends', async () => {
    const token = await world.signUp(browser);
    const expiresAt = granted(await world.view(browser))?.expiresAt;
    expect(expiresAt).toEqual(world.clock.in('30m'));

    world.clock.setTo(expiresAt ?? new Date(0));
    expect(errorOf(await world.verify(browser, token))).toEqual(INVALID);
    expect(errorOf(await world.verify(world.browser(), token, { password: PASSWORD }))).toEqual(INVALID);
    expect(errorOf(await world.verify(world.browser(), token, HERS))).toEqual(INVALID);
  });

  it('works a moment before that instant', async () => {
    const token = await world.signUp(browser);
    world.clock.advance('29m');
    world.clock.advance('59999ms');

    granted(await world.verify(browser, token));
  });

  it('is dead when its registration was ended, whoever presses it', async () => {
    const token = await world.signUp(browser);
    await world.registrations.port.end(registrationOf(token), world.clock.now());

    expect(errorOf(await world.verify(browser, token))).toEqual(INVALID);
    expect(errorOf(await world.verify(world.browser(), token, HERS))).toEqual(INVALID);
  });

  it('is the same one again after a resend, and the first mail lives on', async () => {
    const first = await world.signUp(browser);
    world.clock.advance('29m');
    granted(await world.resend(browser));
    await world.deliverAll();
    expect(world.tokensTo()).toEqual([first, first]);

    world.clock.advance('29m');
    granted(await world.verify(browser, first));
  });
});

describe('a stranger who signed up with her address', () => {
  const orders = [
    ['first', [STRANGERS, {}]],
    ['last', [{}, STRANGERS]],
  ] as const;
  const waysIn = [
    ['her own mail', 'own', {}],
    ["the stranger's mail", 'strangers', HERS],
  ] as const;

  for (const [when, signUps] of orders) {
    for (const [which, mail, proof] of waysIn) {
      it(`leaves her with her own password and name when he came ${when} and she uses ${which}`, async () => {
        const [his, hers] = [world.browser(), browser];
        const tokens: Record<string, string> = {};
        for (const typed of signUps) {
          const isHis = typed === STRANGERS;
          tokens[isHis ? 'strangers' : 'own'] = await world.signUp(isHis ? his : hers, typed);
        }

        // Her password or no proof at all gets her nowhere with his link.
        const phone = world.browser();
        expect(errorOf(await world.verify(phone, tokens.strangers ?? '', { password: PASSWORD })).code).toBe('invalid-credentials');
        expect(errorOf(await world.verify(hers, tokens.strangers ?? '')).code).toBe('proof-required');
        expect(await world.user()).toBeNull();
        granted(await world.verify(hers, tokens[mail] ?? '', proof));

        const user = await world.user();
        expect(user?.name).toBe(mail === 'own' ? NAME : HERS.name);
        granted(await world.login(world.browser(), { password: mail === 'own' ? PASSWORD : HERS.newPassword }));
        expect(errorOf(await world.login(world.browser(), STRANGERS)).code).toBe('invalid-credentials');
        expect(errorOf(await world.login(his, STRANGERS)).code).toBe('email-not-verified');
        expect(granted(await world.view(his))).toMatchObject({ state: 'waiting', mail: 'sent' });
        expect(errorOf(await world.verify(his, tokens.strangers ?? '')).code).toBe('account-exists');
      });
    }
  }

  it('cannot be told from one whose address nobody confirmed', async () => {
    const [taken, free] = [world.browser(), world.browser()];
    await world.signUp(taken, STRANGERS);
    await world.signUp(free, { ...STRANGERS, email: 'free@example.com' });
    granted(await world.verify(world.browser(), world.linkFor(), HERS));

    const see = async (each: Browser, email: string) => [
      { ...granted(await world.view(each)), email: '' },
      await world.login(each, { ...STRANGERS, email }),
      await world.login(each, { password: HERS.newPassword.toUpperCase(), email }),
    ];
    expect(await see(taken, ADDRESS)).toEqual(await see(free, 'free@example.com'));
  });
});

describe('two at once', () => {
  it('make one user and one session of fifty presses in the browser of the sign-up', async () => {
    world = createWorld({ limits: { confirm: { points: 300, windowMs: 60_000 } } });
    const token = await world.signUp(browser);

    const answers = await Promise.all(Array.from({ length: 50 }, () => world.verify({ ...browser }, token)));

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers) if (!answer.ok) expect(answer.error).toEqual({ code: 'already-verified' });
    expect(world.sessions.calls('add')).toBe(1);
  });

  it('make one user of fifty registrations of one address confirmed by new passwords and by their browsers', async () => {
    world = createWorld({ limits: { mailPerAddress: null } });
    const browsers = Array.from({ length: 50 }, () => world.browser());
    for (const each of browsers) await world.signUp(each);
    const tokens = world.tokensTo();
    expect(new Set(tokens).size).toBe(50);

    const answers = await Promise.all(
      tokens.map((token, index) =>
        world.verify(
          browsers[index] ?? browser,
          token,
          index % 2 === 0 ? {} : { newPassword: `secret of number ${index}`, name: `Number ${index}` },
        ),
      ),
    );

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers) if (!answer.ok) expect(answer.error).toEqual({ code: 'account-exists' });
    expect(world.events.filter(({ event }) => event === 'user_created')).toHaveLength(1);
    expect(world.sessions.calls('add')).toBe(1);
  });

  it('lose nothing when two hundred are confirmed while the purge runs', async () => {
    world = createWorld({ limits: { mailPerAddress: null } });
    const people = Array.from({ length: 200 }, (_, index) => ({ each: world.browser(), email: `person${index}@example.com` }));
    for (const { each, email } of people) await world.register(each, { email });
    await world.deliverAll();
    world.clock.advance('29m');

    const [answers] = await Promise.all([
      Promise.all(people.map(({ each, email }) => world.verify(each, world.linkFor(email)))),
      ...Array.from({ length: 20 }, () => world.purge()),
    ]);

    expect(answers.filter(({ ok }) => ok)).toHaveLength(200);
    world.clock.advance('1d');
    await world.purge();
    expect((await world.purge()).registrations).toBe(0);
    for (const { email } of people) expect(await world.user(email)).not.toBeNull();
  });

  it('let a confirmation win that the purge overtakes between its read and its write', async () => {
    const token = await world.signUp(browser);
    world.users.before('create', async () => {
      world.clock.advance('1h');
      expect((await world.purge()).registrations).toBe(1);
    });

    granted(await world.verify(browser, token));
    expect(await world.user()).not.toBeNull();
  });
});

describe('a crash after the user was made', () => {
  it('is healed by signing in', async () => {
    const token = await world.signUp(browser);
    world.sessions.failOn('add');

    await expect(world.verify(browser, token)).rejects.toThrow('took it away');
    expect(errorOf(await world.verify(browser, token)).code).toBe('already-verified');
    granted(await world.login(browser));
  });

  it('costs no points', async () => {
    const token = await world.signUp(browser);
    world.limiter.openBook();
    world.users.failOn('create');

    await expect(world.verify(browser, token)).rejects.toThrow('took it away');
    expect(world.limiter.spent).toEqual({});
    granted(await world.verify(browser, token));
  });
});

describe('the link as proof, where the operator wants that', () => {
  beforeEach(() => {
    world = createWorld({ proof: 'token' });
  });

  it('makes the user and signs nobody in', async () => {
    const token = await world.signUp(browser);
    const elsewhere = world.browser();

    expect(granted(await world.verify(elsewhere, token))).toBeNull();

    expect(await world.user()).toMatchObject({ id: userIdOf(registrationOf(token)), lastLoginAt: null });
    expect(elsewhere.refreshToken).toBeNull();
    expect(world.sessions.calls('add')).toBe(0);
    expect(granted(await world.view(browser))?.state).toBe('confirmed');
  });

  it('signs in whoever has proof besides', async () => {
    expect(granted(await world.verify(browser, await world.signUp(browser)))).not.toBeNull();
    const token = await world.signUp(world.browser(), { email: 'bob@example.com' });
    expect(granted(await world.verify(world.browser(), token, { password: PASSWORD }))).not.toBeNull();
  });

  it('does not make a wrong password right', async () => {
    const token = await world.signUp(browser);

    expect(errorOf(await world.verify(world.browser(), token, { password: 'wrong' })).code).toBe('invalid-credentials');
    expect(await world.user()).toBeNull();
  });
});

describe('the limit of confirmations', () => {
  it('lets nobody guess the password of a sign-up more than twenty times, from wherever', async () => {
    const token = await world.signUp(browser);
    const guess = () => world.verify(world.browser(), token, { password: 'a guess' });

    const answers = await Promise.all(Array.from({ length: 200 }, guess));

    expect(answers.filter((answer) => errorOf(answer).code === 'invalid-credentials')).toHaveLength(20);
    expect(world.hasher.verifications).toBe(20);
  });

  it('cannot be spent by those who do not hold the link', async () => {
    const token = await world.signUp(browser);
    const [id] = token.split('.');
    for (let count = 0; count < 40; count += 1) await world.verify(world.browser(), `${id}.${'A'.repeat(43)}`);

    granted(await world.verify(browser, token));
  });

  it('counts what is no link per client', async () => {
    for (let count = 0; count < 60; count += 1) expect(errorOf(await world.verify(browser, 'no link'))).toEqual(INVALID);

    expect(errorOf(await world.verify(browser, 'no link')).code).toBe('too-many-requests');
  });
});
