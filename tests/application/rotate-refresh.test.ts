import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { ms } from '../support/test-clock.ts';
import { ADDRESS, type Browser, createWorld, type World } from '../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';

const REFUSED = { ok: false, error: { code: 'invalid-refresh-token' } };

let world: World;
let browser: Browser;

beforeEach(async () => {
  world = createWorld();
  browser = await world.member();
});

/** Trades the token `times` times, ten minutes apart, and answers every token there was, oldest first. */
async function trade(times: number): Promise<string[]> {
  const tokens = [browser.refreshToken ?? ''];
  for (let count = 0; count < times; count += 1) {
    world.clock.advance('10m');
    tokens.push(granted(await world.refresh(browser)).refresh.token);
  }
  return tokens;
}

const sessionIdOf = (token: string | null) => world.tokens.refresh.open(token ?? '')?.sessionId;
const letters = () => world.lettersTo().map(({ kind }) => kind);

describe('the current token', () => {
  it('is traded for the next of the same session, and an access token', async () => {
    const before = browser.refreshToken;
    world.clock.advance('20m');
    expect(errorOf(await world.me(browser)).code).toBe('unauthenticated');

    const grant = granted(await world.refresh(browser));

    expect(grant.refresh).toEqual({ token: expect.not.stringMatching(before ?? ''), expiresAt: world.clock.in('7d') });
    expect(sessionIdOf(grant.refresh.token)).toBe(sessionIdOf(before));
    expect(grant.access.expiresInSeconds).toBe(900);
    granted(await world.me(browser));
  });

  it('gives twenty callers at once one and the same next token, and nobody is signed out', async () => {
    const current = browser.refreshToken;
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.refresh({ ...browser })));

    const tokens = new Set(answers.map((answer) => granted(answer).refresh.token));
    expect(tokens.size).toBe(1);
    const [next] = [...tokens];
    expect(world.tokens.refresh.open(next ?? '')?.generation).toBe((world.tokens.refresh.open(current ?? '')?.generation ?? 0) + 1);
    granted(await world.refresh(browser, next));
  });
});

describe('a token that was just replaced', () => {
  it('is answered with the current one, up to the end of the grace', async () => {
    const [first] = await trade(1);
    const current = browser.refreshToken;
    world.clock.advance('60s');

    expect(granted(await world.refresh({ ...browser }, first)).refresh.token).toBe(current);
    granted(await world.refresh(browser));
  });

  it('helps whoever lost an answer', async () => {
    const before = browser.refreshToken;
    world.sessions.loseAnswerOf('rotate');
    await expect(world.refresh(browser)).rejects.toThrow(Unavailable);
    expect(browser.refreshToken).toBe(before);

    granted(await world.refresh(browser));
    granted(await world.me(browser));
  });

  it('is answered with the newest token after two more trades', async () => {
    const first = browser.refreshToken;
    granted(await world.refresh(browser));
    granted(await world.refresh(browser));

    expect(granted(await world.refresh({ ...browser }, first)).refresh.token).toBe(browser.refreshToken);
  });

  it('does not prolong the session', async () => {
    const [first] = await trade(1);
    const end = granted(await world.refresh({ ...browser }, first)).refresh.expiresAt;
    world.clock.advance('50s');

    expect(granted(await world.refresh({ ...browser }, first)).refresh.expiresAt).toEqual(end);
  });
});

describe('an older token', () => {
  it('ends the session for whoever holds a token of it, and tells the owner once', async () => {
    const tokens = await trade(3);
    const access = browser.accessToken;

    expect(await world.refresh(browser, tokens[0])).toEqual(REFUSED);

    for (const token of tokens) expect(await world.refresh(browser, token)).toEqual(REFUSED);
    expect(errorOf(await world.me(browser, access)).code).toBe('unauthenticated');
    await world.deliverAll();
    expect(world.lettersTo().at(-1)).toEqual({ kind: 'session-ended', noticedAt: world.clock.now() });
    expect(letters()).toEqual(['confirm-address', 'session-ended']);
    expect(world.events.filter(({ event }) => event === 'authn_token_reuse')).toHaveLength(1);
  });

  it('is one a moment after the grace', async () => {
    const [first] = await trade(1);
    world.clock.advance('60001ms');

    expect(await world.refresh(browser, first)).toEqual(REFUSED);
    expect(await world.refresh(browser)).toEqual(REFUSED);
  });

  it('is one within the grace if five others were replaced since', async () => {
    const first = browser.refreshToken;
    for (let count = 0; count < 6; count += 1) granted(await world.refresh(browser));

    expect(await world.refresh({ ...browser }, first)).toEqual(REFUSED);
    expect(await world.refresh(browser)).toEqual(REFUSED);
  });

  it('leaves the other sessions of the owner alone', async () => {
    const other = world.browser();
    granted(await world.login(other));
    const [first] = await trade(2);
    await world.refresh({ ...browser }, first);

    granted(await world.refresh(other));
    granted(await world.me(other));
  });

  it('tells the owner once when it is shown twenty times at once', async () => {
    const [first] = await trade(2);

    const answers = await Promise.all(Array.from({ length: 20 }, () => world.refresh({ ...browser }, first)));

    expect(answers).toEqual(answers.map(() => REFUSED));
    await world.deliverAll();
    expect(letters()).toEqual(['confirm-address', 'session-ended']);
  });

  it('ends the session even if whoever wrote the notice died, as soon as a worker comes by, whatever the mail server does', async () => {
    const [first] = await trade(2);
    world.sessions.failOn('end');
    await expect(world.refresh({ ...browser }, first)).rejects.toThrow(Unavailable);
    granted(await world.me(browser));

    world.transport.answerNext({ kind: 'transport-fault', why: 'down' });
    expect(await world.deliverAll()).toEqual(['transport-down']);

    expect(await world.refresh(browser)).toEqual(REFUSED);
    await world.deliverAll();
    expect(letters()).toEqual(['confirm-address', 'session-ended']);
  });

  it('ends nothing before the notice is safe', async () => {
    const [first] = await trade(2);
    world.outbox.failOn('add');
    await expect(world.refresh({ ...browser }, first)).rejects.toThrow(Unavailable);
    granted(await world.me(browser));

    expect(await world.refresh({ ...browser }, first)).toEqual(REFUSED);
    await world.deliverAll();
    expect(letters()).toEqual(['confirm-address', 'session-ended']);
  });

  it('is reported although strangers have filled the outbox', async () => {
    world = createWorld({ outboxCapacity: 1 });
    browser = await world.member();
    const [first] = await trade(2);
    await world.register(world.browser(), { email: 'bob@example.com' });

    expect(await world.refresh({ ...browser }, first)).toEqual(REFUSED);
    await world.deliverAll();
    expect(letters()).toEqual(['confirm-address', 'session-ended']);
  });

  it('is reported although the mails of the address are used up', async () => {
    world = createWorld({ limits: { mailPerAddress: { points: 1, windowMs: 60_000 } } });
    browser = await world.member();
    const [first] = await trade(2);
    await world.refresh({ ...browser }, first);
    await world.deliverAll();

    expect(letters()).toEqual(['confirm-address', 'session-ended']);
  });
});

describe('what is no token of a live session', () => {
  it('is refused and changes nothing', async () => {
    const { sessionId, generation } = world.tokens.refresh.open(browser.refreshToken ?? '') ?? { sessionId: '' as never, generation: 0 };
    const forged = `${sessionId}.${generation}.${'A'.repeat(43)}`;
    const above = world.tokens.refresh.seal({ sessionId, generation: generation + 1 });
    const unknown = world.tokens.refresh.seal({ sessionId: 'A'.repeat(22) as never, generation: 1 });

    for (const token of [forged, above, unknown, browser.accessToken, browser.deviceToken, '', 'x'.repeat(5_000)]) {
      expect(await world.refresh({ ...browser }, token)).toEqual(REFUSED);
    }
    granted(await world.refresh(browser));
    expect(await world.deliverAll()).toEqual([]);
  });

  it('is refused without a cookie', async () => {
    expect(await world.refresh(world.browser(), null)).toEqual(REFUSED);
  });

  it('is an older token of a session that is over: no notice for it', async () => {
    const tokens = await trade(3);
    await world.logout(browser);

    for (const token of tokens) expect(await world.refresh({ ...browser }, token)).toEqual(REFUSED);
    expect(await world.deliverAll()).toEqual([]);
  });
});

describe('the life of a session', () => {
  it('ends a week after its last use, at that very instant', async () => {
    await trade(1);
    world.clock.advance('7d');

    expect(await world.refresh(browser)).toEqual(REFUSED);
    expect(await world.deliverAll()).toEqual([]);
  });

  it('is prolonged by use a moment before', async () => {
    world.clock.setTo(new Date(world.clock.in('7d').getTime() - 1));

    granted(await world.refresh(browser));
  });

  it('ends thirty days after its start, however much it is used', async () => {
    const end = world.clock.in('30d');
    for (let day = 6; day < 30; day += 6) {
      world.clock.advance('6d');
      expect(granted(await world.refresh(browser)).refresh.expiresAt.getTime()).toBeLessThanOrEqual(end.getTime());
    }
    world.clock.setTo(new Date(end.getTime() - 1));
    expect(granted(await world.refresh(browser)).refresh.expiresAt).toEqual(end);

    world.clock.setTo(end);
    expect(await world.refresh(browser)).toEqual(REFUSED);
    expect(errorOf(await world.me(browser)).code).toBe('unauthenticated');
  });
});

describe('the limit of trades', () => {
  beforeEach(async () => {
    world = createWorld({ limits: { session: { points: 3, windowMs: 60_000 } } });
    browser = await world.member();
  });

  it('counts a genuine token by its session, and whoever has none by where they are', async () => {
    const neighbour = world.browser(browser.ip);
    for (let count = 0; count < 5; count += 1) await world.refresh(neighbour, 'no token');
    expect(errorOf(await world.refresh(neighbour, 'no token')).code).toBe('too-many-requests');

    granted(await world.refresh(browser));
  });

  it('ends nothing', async () => {
    for (let count = 0; count < 3; count += 1) granted(await world.refresh(browser));
    expect(errorOf(await world.refresh(browser)).code).toBe('too-many-requests');

    world.limiter.closeWindows();
    granted(await world.refresh(browser));
  });

  it('gives the point back when the sessions are gone', async () => {
    world.limiter.openBook();
    world.sessions.failOn('rotate');

    await expect(world.refresh(browser)).rejects.toThrow(Unavailable);
    expect(world.limiter.spent).toEqual({});
  });
});

describe('any history of trades, replays, waits and sign-outs', () => {
  type Step = { readonly back: number; readonly waitMs: number; readonly logout: boolean };
  const step: fc.Arbitrary<Step> = fc.record({
    back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: 1, max: 7 }) }),
    waitMs: fc.oneof(fc.integer({ min: 0, max: ms('30s') }), fc.integer({ min: 0, max: ms('2m') }), fc.constant(ms('3d'))),
    logout: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });

  it('comes out as a full record of it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        world = createWorld();
        browser = await world.member();
        const tokens = [browser.refreshToken ?? ''];
        const replacedAt: number[] = [];
        const start = world.clock.now().getTime();
        let lastUse = start;
        let alive = true;

        for (const { back, waitMs, logout } of steps) {
          world.clock.advance(`${waitMs}ms`);
          const now = world.clock.now().getTime();
          const index = Math.max(0, tokens.length - 1 - back);
          alive &&= now < lastUse + ms('7d') && now < start + ms('30d');
          if (logout) {
            await world.logout(browser, tokens[index] ?? '');
            alive = false;
            continue;
          }

          const answer = await world.refresh({ ...browser }, tokens[index]);
          if (!alive) expect(answer).toEqual(REFUSED);
          else if (index === tokens.length - 1) {
            tokens.push(granted(answer).refresh.token);
            replacedAt.push(now);
            lastUse = now;
          } else if (tokens.length - 1 - index <= 5 && now - (replacedAt[index] ?? 0) <= ms('60s')) {
            expect(granted(answer).refresh.token).toBe(tokens.at(-1));
          } else {
            expect(answer).toEqual(REFUSED);
            alive = false;
          }
        }
        expect(new Set(tokens).size).toBe(tokens.length);
        await world.deliverAll();
        expect(world.lettersTo(ADDRESS).filter(({ kind }) => kind === 'session-ended').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
