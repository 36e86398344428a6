import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CannedAnswer, openTestDoor, type TestDoor } from './support/test-door.ts';
import { openBrowser, type TestBrowser } from './support/browser.ts';
import { reasonOf, type SallyportClient, type SessionState } from '#client/entry.ts';

let door: TestDoor;
let browser: TestBrowser;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: new Date('2030-01-01') });
  vi.spyOn(Math, 'random').mockReturnValue(1);
  door = await openTestDoor();
  browser = openBrowser();
});

afterEach(async () => {
  browser.close();
  await door.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const credentials = { email: 'ada@example.com', password: 'right' };
const refreshes = () => door.calls.filter((path) => path === 'auth.refresh').length;
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function reaches(tab: SallyportClient, state: SessionState): Promise<void> {
  return vi.waitFor(() => expect(tab.session.state()).toBe(state), { timeout: 2000, interval: 2 });
}

/** A browser whose person is signed in, and a tab that knows it. */
async function signedInTab(): Promise<SallyportClient> {
  const tab = browser.openTab(door.url);
  await tab.trpc.auth.login.mutate(credentials);
  return tab;
}

describe('the start', () => {
  it('sends nothing before somebody subscribes or needs a token', async () => {
    const tab = browser.openTab(door.url);
    await later(60_000);
    expect(tab.session.state()).toBe('unknown');
    expect(door.calls).toEqual([]);
  });

  it('is unknown until the first refresh is answered, then signed out without a session', async () => {
    const hold = door.holdNext('auth.refresh');
    const tab = browser.openTab(door.url);
    tab.session.subscribe(() => undefined);
    await hold.arrived;
    expect(tab.session.state()).toBe('unknown');
    hold.release();
    await reaches(tab, 'signed-out');
    expect(tab.session.userId()).toBeNull();
  });

  it('finds the session that a page before it left', async () => {
    (await signedInTab()).close();
    const tab = browser.openTab(door.url);
    expect(await tab.session.accessToken()).toMatch(/^e30\./);
    expect(tab.session.state()).toBe('signed-in');
    expect(tab.session.userId()).toBe('user-of-ada@example.com');
  });

  it('asks once for any number of calls made meanwhile', async () => {
    (await signedInTab()).close();
    const tab = browser.openTab(door.url);
    const profiles = await Promise.all(Array.from({ length: 10 }, () => tab.trpc.auth.me.query()));
    expect(new Set(profiles.map(({ email }) => email))).toEqual(new Set(['ada@example.com']));
    expect(refreshes()).toBe(1);
  });

  it('lets the calls of a stranger through without asking who they are', async () => {
    const tab = browser.openTab(door.url);
    await tab.trpc.auth.register.mutate({ name: 'Ada', email: 'ada@example.com', password: 'right' });
    await tab.trpc.auth.registration.query();
    expect(refreshes()).toBe(0);
  });
});

describe('signing in and out', () => {
  it('notices a login', async () => {
    const tab = await signedInTab();
    expect(tab.session.state()).toBe('signed-in');
    expect((await tab.trpc.auth.me.query()).email).toBe('ada@example.com');
    expect(refreshes()).toBe(0);
  });

  it('notices a confirmation that gives a session', async () => {
    const tab = browser.openTab(door.url);
    await tab.trpc.auth.verifyEmail.mutate({ token: 'good' });
    expect(tab.session.userId()).toBe('user-of-new@example.com');
  });

  it('stays as it is at a confirmation that gives none', async () => {
    const tab = browser.openTab(door.url);
    await tab.trpc.auth.verifyEmail.mutate({ token: 'without-proof' });
    expect(tab.session.state()).toBe('unknown');
  });

  it('stays as it is at a login that is refused', async () => {
    const tab = await signedInTab();
    await expect(tab.trpc.auth.login.mutate({ ...credentials, password: 'wrong' })).rejects.toSatisfy(
      (error) => reasonOf(error) === 'invalid-credentials',
    );
    expect(tab.session.state()).toBe('signed-in');
  });

  it('forgets the token at a logout, and asks no more', async () => {
    const tab = await signedInTab();
    await tab.trpc.auth.logout.mutate();
    expect(tab.session.state()).toBe('signed-out');
    expect(await tab.session.accessToken()).toBeNull();
    const before = browser.requests();
    await later(3_600_000);
    expect(browser.requests()).toBe(before);
  });

  it('rejects a logout that did not reach the server, and does not claim to be signed out', async () => {
    const tab = await signedInTab();
    browser.setOnline(false);
    await expect(tab.trpc.auth.logout.mutate()).rejects.toThrow('Failed to fetch');
    expect(tab.session.state()).toBe('signed-in');
    browser.setOnline(true);
    await tab.trpc.auth.logout.mutate();
    expect(tab.session.state()).toBe('signed-out');
  });

  it('tells listeners, until they have enough', async () => {
    const tab = browser.openTab(door.url);
    const seen: SessionState[] = [];
    const unsubscribe = tab.session.subscribe(() => seen.push(tab.session.state()));
    await reaches(tab, 'signed-out');
    await tab.trpc.auth.login.mutate(credentials);
    unsubscribe();
    await tab.trpc.auth.logout.mutate();
    expect(seen).toEqual(['signed-out', 'signed-in']);
  });
});

describe('renewal', () => {
  it('renews at four fifths of the life, before anybody asks', async () => {
    const tab = await signedInTab();
    tab.session.subscribe(() => undefined);
    const first = await tab.session.accessToken();
    await later(719_000);
    expect(refreshes()).toBe(0);
    await later(1000);
    await vi.waitFor(() => expect(refreshes()).toBe(1));
    await vi.waitFor(async () => expect(await tab.session.accessToken()).not.toBe(first));
    await later(719_000);
    expect(refreshes()).toBe(1);
    await later(1000);
    await vi.waitFor(() => expect(refreshes()).toBe(2));
  });

  it('renews before the next call after a sleep through which no timer ran', async () => {
    const tab = await signedInTab();
    vi.setSystemTime(Date.now() + 8 * 3_600_000);
    await tab.trpc.auth.me.query();
    expect(door.calls).toEqual(['auth.login', 'auth.refresh', 'auth.me']);
  });

  it('renews when the tab is looked at again after a sleep', async () => {
    const tab = await signedInTab();
    tab.session.subscribe(() => undefined);
    vi.setSystemTime(Date.now() + 8 * 3_600_000);
    browser.wake();
    await vi.waitFor(() => expect(refreshes()).toBe(1));
  });

  it('lets calls go ahead with a token that is due but good while it is renewed', async () => {
    const tab = await signedInTab();
    vi.setSystemTime(Date.now() + 800_000);
    const hold = door.holdNext('auth.refresh');
    expect((await tab.trpc.auth.me.query()).email).toBe('ada@example.com');
    await hold.arrived;
    hold.release();
  });

  it('renews once and repeats once what is answered unauthenticated', async () => {
    const tab = await signedInTab();
    door.forgetTokens();
    const profiles = await Promise.all([tab.trpc.auth.me.query(), tab.trpc.auth.me.query(), tab.trpc.auth.me.query()]);
    expect(profiles).toHaveLength(3);
    expect(refreshes()).toBe(1);
    expect(tab.session.state()).toBe('signed-in');
  });

  it('passes on a 401 that says something else, and repeats nothing', async () => {
    const tab = await signedInTab();
    door.answerNext('auth.me', { status: 401, reason: 'invalid-credentials' });
    await expect(tab.trpc.auth.me.query()).rejects.toSatisfy((error) => reasonOf(error) === 'invalid-credentials');
    expect(door.calls).toEqual(['auth.login', 'auth.me']);
  });

  it('signs out when the server ended the session, and says why the call failed', async () => {
    const tab = await signedInTab();
    door.endSessions();
    await expect(tab.trpc.auth.me.query()).rejects.toSatisfy((error) => reasonOf(error) === 'unauthenticated');
    expect(tab.session.state()).toBe('signed-out');
    expect(door.calls).toEqual(['auth.login', 'auth.me', 'auth.refresh']);
  });

  it('signs out when a token just made is answered unauthenticated', async () => {
    const tab = await signedInTab();
    door.answerNext('auth.me', { status: 401, reason: 'unauthenticated' });
    door.answerNext('auth.me', { status: 401, reason: 'unauthenticated' });
    await expect(tab.trpc.auth.me.query()).rejects.toSatisfy((error) => reasonOf(error) === 'unauthenticated');
    expect(tab.session.state()).toBe('signed-out');
  });
});

describe('trouble', () => {
  const troubles: [string, CannedAnswer][] = [
    ['a connection that breaks', { status: 0, drop: true }],
    ['429', { status: 429, reason: 'too-many-requests' }],
    ['503', { status: 503, reason: 'unavailable' }],
    ['500', { status: 500, reason: 'internal' }],
    ['a 401 of somebody in between', { status: 401, body: '<h1>Proxy login</h1>' }],
    ['a 200 that is no answer', { status: 200, body: '{"result":{"data":{}}}' }],
  ];

  it.each(troubles)('%s signs nobody out', async (_, answer) => {
    const tab = await signedInTab();
    vi.setSystemTime(Date.now() + 3_600_000);
    door.answerNext('auth.refresh', answer);
    await expect(tab.trpc.auth.me.query()).rejects.toThrow();
    expect(tab.session.state()).toBe('signed-in');
    await later(1000);
    await vi.waitFor(() => expect(refreshes()).toBe(2));
    expect((await tab.trpc.auth.me.query()).email).toBe('ada@example.com');
  });

  it.each(troubles)('%s at the start leaves it unknown, and it is asked again', async (_, answer) => {
    const tab = browser.openTab(door.url);
    door.answerNext('auth.refresh', answer);
    await expect(tab.session.accessToken()).rejects.toThrow();
    expect(tab.session.state()).toBe('unknown');
    await later(1000);
    await reaches(tab, 'signed-out');
  });

  it('waits as long as Retry-After says, whoever asks and whatever wakes', async () => {
    const tab = await signedInTab();
    vi.setSystemTime(Date.now() + 3_600_000);
    door.answerNext('auth.refresh', { status: 503, reason: 'unavailable', headers: { 'retry-after': '40' } });
    await expect(tab.trpc.auth.me.query()).rejects.toSatisfy((error) => reasonOf(error) === 'unavailable');
    await later(39_000);
    browser.wake();
    await expect(tab.trpc.auth.me.query()).rejects.toSatisfy((error) => reasonOf(error) === 'unavailable');
    expect(refreshes()).toBe(1);
    await later(1000);
    await vi.waitFor(() => expect(refreshes()).toBe(2));
    expect((await tab.trpc.auth.me.query()).email).toBe('ada@example.com');
  });

  it('asks ever more rarely while the network is gone, at least every half minute, however many calls are made', async () => {
    const tab = await signedInTab();
    let attempts = 0;
    const offline = browser.openTab(door.url, { fetch: () => Promise.reject(new TypeError(`Failed to fetch ${++attempts}`)) });
    tab.close();
    for (let second = 0; second < 120; second++) {
      await Promise.all([1, 2, 3].map(() => expect(offline.trpc.auth.me.query()).rejects.toThrow('Failed to fetch')));
      await later(1000);
    }
    // After 1, 2, 4, 8 and 16 s, then every 30 s.
    expect(attempts).toBe(1 + 5 + 2);
  });

  it('asks at once when the network is back', async () => {
    const tab = await signedInTab();
    vi.setSystemTime(Date.now() + 3_600_000);
    browser.setOnline(false);
    await expect(tab.trpc.auth.me.query()).rejects.toThrow('Failed to fetch');
    browser.setOnline(true);
    browser.wake();
    expect((await tab.trpc.auth.me.query()).email).toBe('ada@example.com');
    expect(refreshes()).toBe(1);
  });

  it('gives up a refresh that is not answered in 10 s', async () => {
    const tab = browser.openTab(door.url);
    const hold = door.holdNext('auth.refresh');
    const asked = expect(tab.session.accessToken()).rejects.toThrow();
    await hold.arrived;
    await later(10_000);
    await asked;
    expect(tab.session.state()).toBe('unknown');
    hold.release();
  });

  it('asks nothing more once closed', async () => {
    const tab = await signedInTab();
    tab.session.subscribe(() => undefined);
    const before = browser.requests();
    tab.close();
    await later(3_600_000);
    browser.wake();
    await later(0);
    expect(browser.requests()).toBe(before);
  });
});
