import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { ms } from '../support/test-clock.ts';
import { ADDRESS, type Browser, createWorld, type World } from '../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';

const SENT = { ttlMs: ms('30m') };

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

const see = async (each = browser) => granted(await world.view(each));

describe('the browser of a sign-up asks again', () => {
  it('and gets the same link, with its clock turned back until the mail leaves', async () => {
    const endsAt = world.clock.in('24h');
    const token = await world.signUp(browser);
    world.clock.advance('10m');

    expect(granted(await world.resend(browser))).toEqual(SENT);
    expect(await see()).toMatchObject({ mail: 'queued', expiresAt: null, resendAvailableAt: world.clock.in('60s') });

    world.clock.advance('40m');
    await world.deliverAll();
    expect(await see()).toMatchObject({ mail: 'sent', expiresAt: world.clock.in('30m') });
    expect(world.tokensTo()).toEqual([token, token]);

    world.clock.setTo(new Date(endsAt.getTime() - 1));
    expect(await see()).toBeNull();
  });

  it('with its own address as well, in any case', async () => {
    await world.signUp(browser);
    world.clock.advance('1m');
    world.limiter.openBook();

    granted(await world.resend(browser, 'ADA@example.com'));
    expect(world.limiter.taken).toEqual(['resend-registration', 'global-host']);
    expect((await see())?.mail).toBe('queued');
  });

  it('a minute after the last mail was asked for, and not before', async () => {
    await world.register(browser);
    world.clock.advance('59999ms');
    expect(errorOf(await world.resend(browser))).toEqual({ code: 'too-many-requests', retryAfterMs: 1 });

    world.clock.advance('1ms');
    granted(await world.resend(browser));
    expect(errorOf(await world.resend(browser))).toEqual({ code: 'too-many-requests', retryAfterMs: ms('60s') });
  });

  it('and gets one mail for twenty presses at once', async () => {
    await world.signUp(browser);
    world.clock.advance('1m');

    const answers = await Promise.all(Array.from({ length: 20 }, () => world.resend(browser)));

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    await world.deliverAll();
    expect(world.tokensTo()).toHaveLength(2);
  });

  it('too soon at the price of a request, not of one of its three mails', async () => {
    await world.signUp(browser);
    world.limiter.openBook();
    for (let count = 0; count < 4; count += 1) expect(errorOf(await world.resend(browser)).code).toBe('too-many-requests');

    expect(world.limiter.spent).toEqual({ 'global-host': 4 });
    world.clock.advance('1m');
    granted(await world.resend(browser));
  });

  it('three times an hour, wherever it is', async () => {
    await world.signUp(browser);
    for (let count = 0; count < 3; count += 1) {
      world.clock.advance('1m');
      granted(await world.resend({ ...browser, ip: world.browser().ip }));
    }
    world.clock.advance('1m');

    expect(errorOf(await world.resend(browser)).code).toBe('too-many-requests');
    world.limiter.closeWindows();
    granted(await world.resend(browser));
  });

  it('in vain once its sign-up is over', async () => {
    await world.signUp(browser);
    world.clock.advance('30m');

    expect(errorOf(await world.resend(browser))).toEqual({
      code: 'invalid-input',
      fields: { email: 'required' },
    });
    await world.deliverAll();
    expect(world.tokensTo()).toHaveLength(1);
  });

  it('and gets "you already have an account" if the address has one, with the same answer and view', async () => {
    await world.member();
    world.clock.advance('1h');
    await world.register(browser);
    await world.deliverAll();
    world.clock.advance('1m');

    expect(granted(await world.resend(browser))).toEqual(SENT);
    await world.deliverAll();
    expect(world.lettersTo().map(({ kind }) => kind)).toEqual(['confirm-address', 'account-exists', 'account-exists']);
    expect(await see()).toMatchObject({ state: 'waiting', mail: 'sent' });
  });

  it('and gets nothing if the sign-up was confirmed', async () => {
    const token = await world.signUp(browser);
    granted(await world.verify({ ...browser }, token));
    world.clock.advance('1m');

    expect(granted(await world.resend(browser))).toEqual(SENT);
    await world.deliverAll();
    expect(world.lettersTo()).toHaveLength(1);
  });
});

describe('somebody asks for an address', () => {
  it('and the newest live sign-up gets its link, with no clock and no change that a browser sees', async () => {
    const older = world.browser();
    await world.signUp(older);
    world.clock.advance('5m');
    const newer = await world.signUp(browser);
    world.clock.advance('5m');
    const before = [await see(older), await see()];

    expect(granted(await world.resend(world.browser(), ADDRESS))).toEqual(SENT);
    expect([await see(older), await see()]).toEqual(before);
    await world.deliverAll();

    expect([await see(older), await see()]).toEqual(before);
    expect(world.linkFor()).toBe(newer);
    expect(world.lettersTo()).toHaveLength(3);
  });

  it('and gets one answer for a free, a pending and a taken address, for the same work', async () => {
    await world.signUp(world.browser(), { email: 'pending@example.com' });
    await world.member({ email: 'taken@example.com' });
    world.clock.advance('1d');
    const measured = [];
    for (const email of ['free@example.com', 'pending@example.com', 'taken@example.com']) {
      const { registrations, users, outbox } = world;
      const calls = () => [registrations.calls('findLive'), registrations.calls('requestMail'), users.calls('findByEmail')];
      const before = calls();
      const added = outbox.calls('add');
      world.limiter.openBook();
      const answer = await world.resend(world.browser(), email);
      measured.push({ answer, calls: calls().map((count, index) => count - (before[index] ?? 0)), added: outbox.calls('add') - added });
      expect(world.limiter.taken).toEqual(['resend-host', 'global-host', 'resend-cooldown', 'resend-address']);
    }

    expect(measured).toEqual(Array.from({ length: 3 }, () => ({ answer: { ok: true, value: SENT }, calls: [0, 0, 0], added: 1 })));
  });

  it('and the mail is "you already have an account" for a taken one, nothing for a free one', async () => {
    await world.member();
    world.clock.advance('1h');
    granted(await world.resend(browser, ADDRESS));
    granted(await world.resend(browser, 'free@example.com'));
    await world.deliverAll();

    expect(world.lettersTo().map(({ kind }) => kind)).toEqual(['confirm-address', 'account-exists']);
    expect(world.lettersTo('free@example.com')).toEqual([]);
  });

  it('with the cookie of a sign-up for another one', async () => {
    await world.signUp(browser);
    world.clock.advance('1m');
    const before = await see();
    await world.signUp(world.browser(), { email: 'bob@example.com' });

    granted(await world.resend(browser, 'bob@example.com'));
    await world.deliverAll();
    expect(world.lettersTo('bob@example.com')).toHaveLength(2);
    expect(await see()).toEqual(before);
  });

  it('once a minute for the address, whoever asks', async () => {
    granted(await world.resend(browser, ADDRESS));

    expect(errorOf(await world.resend(world.browser(), 'ADA@example.com')).code).toBe('too-many-requests');
    granted(await world.resend(browser, 'bob@example.com'));
  });

  it('without standing in the way of the browser of the sign-up', async () => {
    await world.signUp(browser);
    world.clock.advance('1m');
    granted(await world.resend(world.browser(), ADDRESS));

    granted(await world.resend(browser));
  });

  it('three times an hour from one place', async () => {
    for (const email of ['a@example.com', 'b@example.com', 'c@example.com']) granted(await world.resend(browser, email));

    expect(errorOf(await world.resend(browser, 'd@example.com')).code).toBe('too-many-requests');
  });

  it('that is none', async () => {
    expect(errorOf(await world.resend(browser, 'ada'))).toEqual({ code: 'invalid-input', fields: { email: 'malformed' } });
  });
});

describe('neither an address nor a sign-up', () => {
  it.each([null, '', 'A'.repeat(43)])('is refused as input: cookie %j', async (browserSecret) => {
    expect(errorOf(await world.resend({ ...browser, browserSecret }))).toEqual({ code: 'invalid-input', fields: { email: 'required' } });
    expect(world.outbox.calls('add')).toBe(0);
  });
});

describe('what is not there', () => {
  it('costs no points, by cookie and by address', async () => {
    await world.signUp(browser);
    world.clock.advance('1m');
    world.limiter.openBook();
    world.registrations.failOn('requestMail');
    await expect(world.resend(browser)).rejects.toThrow(Unavailable);
    world.outbox.failOn('add');
    await expect(world.resend(world.browser(), ADDRESS)).rejects.toThrow(Unavailable);

    expect(world.limiter.spent).toEqual({});
    granted(await world.resend(browser));
    granted(await world.resend(world.browser(), ADDRESS));
  });

  it('is told from a full outbox', async () => {
    world = createWorld({ outboxCapacity: 1 });
    await world.register(browser);

    await expect(world.resend(world.browser(), ADDRESS)).rejects.toThrow(Unavailable);
  });
});
