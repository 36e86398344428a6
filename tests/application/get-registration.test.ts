import { beforeEach, describe, expect, it } from 'vitest';
import type { Duration } from '../support/test-clock.ts';
import { errorOf, granted } from '../support/outcome.ts';
import { ADDRESS, type Browser, createWorld, type World } from '../support/world.ts';
import type { RegistrationView } from '#application/use-cases/get-registration.ts';

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

const see = async (each = browser) => granted(await world.view(each));

describe('a browser sees its own sign-up', () => {
  it('queued, then sent with a clock, then not at all', async () => {
    const [start, resendAvailableAt] = [{ email: ADDRESS, state: 'waiting' }, world.clock.in('60s')];
    await world.register(browser);
    expect(await see()).toEqual({ ...start, mail: 'queued', expiresAt: null, resendAvailableAt });

    world.clock.advance('5m');
    await world.deliverAll();
    const expiresAt = world.clock.in('30m');
    expect(await see()).toEqual({ ...start, mail: 'sent', expiresAt, resendAvailableAt });

    world.clock.setTo(new Date(expiresAt.getTime() - 1));
    expect((await see())?.mail).toBe('sent');
    world.clock.setTo(expiresAt);
    expect(await see()).toBeNull();
    await world.purge();
    expect(await see()).toBeNull();
  });

  it('for a day and no longer while no mail leaves', async () => {
    await world.register(browser);
    world.clock.advance('24h');
    expect(await see()).toBeNull();
  });

  it('with a clock that never goes beyond that day', async () => {
    const endsAt = world.clock.in('24h');
    await world.register(browser);
    world.clock.advance('23h');
    world.clock.advance('50m');
    await world.deliverAll();

    expect(await see()).toMatchObject({ mail: 'sent', expiresAt: endsAt });
  });

  it('confirmed, once it made a user', async () => {
    const token = await world.signUp(browser);
    const before = await see();
    granted(await world.verify({ ...browser }, token));

    expect(await see()).toEqual({ ...before, state: 'confirmed' });
  });

  it('and no other, with a cookie of another sign-up, a made-up one or none', async () => {
    await world.signUp(browser);
    const other = world.browser();
    await world.register(other, { email: 'bob@example.com' });

    expect((await see(other))?.email).toBe('bob@example.com');
    for (const browserSecret of [null, '', 'A'.repeat(43), `${browser.browserSecret}A`]) {
      expect(await see({ ...other, browserSecret })).toBeNull();
    }
  });

  it('with the address as it was typed', async () => {
    await world.register(browser, { email: 'Ada@EXAMPLE.com' });

    expect((await see())?.email).toBe('Ada@EXAMPLE.com');
  });
});

describe('a free and a taken address look the same', () => {
  const FREE = 'free@example.com';
  const TAKEN = 'taken@example.com';
  type Step = (each: Browser, email: string) => Promise<unknown>;

  beforeEach(async () => {
    await world.member({ email: TAKEN, password: "the owner's own" });
    world.clock.advance('1d');
  });

  const nameless = (view: RegistrationView | null) => view && { ...view, email: '' };

  /** What a browser was answered at each step, and what it saw of its sign-up afterwards. */
  async function watch(steps: readonly [Duration, Step][]) {
    const [free, taken] = [world.browser(), world.browser()];
    const seen = { free: [] as unknown[], taken: [] as unknown[] };
    for (const [wait, step] of steps) {
      world.clock.advance(wait);
      seen.free.push(await step(free, FREE), nameless(await see(free)));
      seen.taken.push(await step(taken, TAKEN), nameless(await see(taken)));
    }
    return seen;
  }

  const register: Step = async (each, email) => granted(await world.register(each, { email })).ttlMs;
  const deliver: Step = () => world.deliver();
  const login: Step = (each, email) => world.login(each, { email });
  const guess: Step = (each, email) => world.login(each, { email, password: 'a guess' });
  const resend: Step = (each) => world.resend(each);
  const resendByAddress: Step = ({ ip }, email) => world.resend(world.browser(ip), email);
  const look: Step = async () => null;

  it('over their whole life: queued, sent, asked for again, expired', async () => {
    const { free, taken } = await watch([
      ['0s', register],
      ['1s', login],
      ['1s', guess],
      ['10s', deliver],
      ['1s', login],
      ['1s', resend],
      ['60s', resend],
      ['1s', login],
      ['5m', deliver],
      ['1s', resendByAddress],
      ['1s', deliver],
      ['20m', login],
      ['1s', guess],
      ['10m', look],
      ['1s', login],
    ]);

    expect(taken).toEqual(free);
    expect(free).toContainEqual(expect.objectContaining({ mail: 'queued' }));
    expect(free).toContainEqual(expect.objectContaining({ mail: 'sent' }));
    expect(free.at(-1)).toBeNull();
    expect(world.lettersTo(FREE).map(({ kind }) => kind)).toEqual(Array.from({ length: 3 }, () => 'confirm-address'));
    expect(world.lettersTo(TAKEN).map(({ kind }) => kind)).toEqual([
      'confirm-address',
      ...Array.from({ length: 3 }, () => 'account-exists'),
    ]);
  });

  it.each([
    ['failed', { kind: 'refused', why: '550 5.1.1' }],
    ['queued', { kind: 'deferred', why: '451' }],
    ['queued', { kind: 'transport-fault', why: 'down' }],
  ] as const)('when the mail is %s: %j', async (mail, delivery) => {
    world.transport.answerNext(delivery, delivery);

    const { free, taken } = await watch([
      ['0s', register],
      ['0s', deliver],
    ]);

    expect(free.at(-1)).toMatchObject({ mail, state: 'waiting' });
    expect(taken.at(-1)).toEqual(free.at(-1));
  });

  it('when the mail is held', async () => {
    world = createWorld({ limits: { mailPerAddress: { points: 1, windowMs: 60_000 } } });
    await world.member({ email: TAKEN, password: "the owner's own" });
    await world.signUp(world.browser(), { email: FREE });

    const { free, taken } = await watch([
      ['0s', register],
      ['1s', deliver],
      ['1s', login],
    ]);

    expect(free.at(-1)).toMatchObject({ mail: 'held', state: 'waiting' });
    expect(taken).toEqual(free);
  });
});

describe('the limit of looking', () => {
  it('counts a genuine cookie by its registration, wherever it looks from', async () => {
    await world.signUp(browser);
    world.limiter.openBook();
    await world.view(browser);
    await world.view({ ...browser, ip: '192.0.2.1' });
    await world.view(world.browser());

    expect(world.limiter.spent).toEqual({ session: 2, 'session-host': 1 });
  });

  it('refuses without ending anything', async () => {
    world = createWorld({ limits: { session: { points: 2, windowMs: 60_000 } } });
    await world.signUp(browser);
    await see();
    await see();

    expect(errorOf(await world.view(browser)).code).toBe('too-many-requests');
    world.limiter.closeWindows();
    expect((await see())?.mail).toBe('sent');
  });
});
