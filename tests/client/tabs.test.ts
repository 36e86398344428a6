import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createChannels, openBrowser, type TestBrowser } from './support/browser.ts';
import { openTestDoor, type TestDoor } from './support/test-door.ts';
import type { SallyportClient, SessionState } from '#client/entry.ts';
import { browserEnvironment } from '#client/environment.ts';

let door: TestDoor;
let browser: TestBrowser;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2030-01-01') });
  door = await openTestDoor();
  browser = openBrowser();
});

afterEach(async () => {
  browser.close();
  await door.close();
  vi.useRealTimers();
});

const credentials = { email: 'ada@example.com', password: 'right' };
const refreshes = () => door.calls.filter((path) => path === 'auth.refresh').length;
/** By then every message sent before has come. */
const delivery = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

function reach(tabs: SallyportClient[], state: SessionState): Promise<void> {
  return vi.waitFor(() => expect(tabs.map(({ session }) => session.state())).toEqual(tabs.map(() => state)), { interval: 2 });
}

function startTabs(count: number, without = {}): SallyportClient[] {
  const tabs = Array.from({ length: count }, () => browser.openTab(door.url, without));
  for (const tab of tabs) tab.session.subscribe(() => undefined);
  return tabs;
}

/** Tabs that know that nobody is signed in. */
async function openTabs(count: number, without = {}): Promise<SallyportClient[]> {
  const tabs = startTabs(count, without);
  await reach(tabs, 'signed-out');
  sleep(1);
  return tabs;
}

async function openSignedInTabs(count: number, without = {}): Promise<SallyportClient[]> {
  const tabs = await openTabs(count, without);
  await tabs[0]!.trpc.auth.login.mutate(credentials);
  await reach(tabs, 'signed-in');
  sleep(1);
  return tabs;
}

describe('between tabs', () => {
  it('a sign-in in one is seen in all, with its token', async () => {
    const tabs = await openTabs(3);
    await tabs[0]!.trpc.auth.login.mutate(credentials);
    await reach(tabs, 'signed-in');
    const tokens = await Promise.all(tabs.map(({ session }) => session.accessToken()));
    expect(new Set(tokens).size).toBe(1);
  });

  it('a sign-out in one is seen in all', async () => {
    const tabs = await openSignedInTabs(3);
    await tabs[1]!.trpc.auth.logout.mutate();
    await reach(tabs, 'signed-out');
  });

  it('a sign-in as somebody else is seen in all', async () => {
    const tabs = await openSignedInTabs(2);
    await tabs[1]!.trpc.auth.login.mutate({ ...credentials, email: 'bob@example.com' });
    await vi.waitFor(() => expect(tabs[0]!.session.userId()).toBe('user-of-bob@example.com'));
    expect((await tabs[0]!.trpc.auth.me.query()).email).toBe('bob@example.com');
  });

  it('the end of a session that one finds out is seen in all', async () => {
    const tabs = await openSignedInTabs(3);
    door.endSessions();
    await expect(tabs[2]!.trpc.auth.me.query()).rejects.toThrow();
    await reach(tabs, 'signed-out');
  });

  it('one renewal serves all', async () => {
    const tabs = await openSignedInTabs(5);
    const before = refreshes();
    sleep(3_600_000);
    const profiles = await Promise.all(tabs.map(({ trpc }) => trpc.auth.me.query()));
    expect(profiles).toHaveLength(5);
    expect(refreshes() - before).toBe(1);
  });

  it('one refresh serves all tabs that are restored at once', async () => {
    await openSignedInTabs(1);
    const before = refreshes();
    await reach(startTabs(8), 'signed-in');
    expect(refreshes() - before).toBe(1);
  });

  it('refreshes of tabs that cannot hear each other come one after the other', async () => {
    await openSignedInTabs(1);
    const hold = door.holdNext('auth.refresh');
    const tabs = startTabs(4, { openChannel: null });
    await hold.arrived;
    await new Promise((resolve) => setTimeout(resolve, 50));
    hold.release();
    await reach(tabs, 'signed-in');
    expect(door.mostAtOnce('auth.refresh')).toBe(1);
  });

  it('refreshes may overlap without locks, and sign nobody out', async () => {
    await openSignedInTabs(1);
    const hold = door.holdNext('auth.refresh');
    const tabs = startTabs(4, { openChannel: null, locks: null });
    await vi.waitFor(() => expect(door.mostAtOnce('auth.refresh')).toBeGreaterThan(1));
    hold.release();
    await reach(tabs, 'signed-in');
  });

  it('news goes over a real BroadcastChannel as well', async () => {
    const { openChannel } = browserEnvironment();
    const tabs = await openSignedInTabs(2, { openChannel });
    await tabs[1]!.trpc.auth.logout.mutate();
    await reach(tabs, 'signed-out');
  });

  it('a message that is none of ours changes nothing', async () => {
    const openChannel = createChannels();
    const [tab] = await openTabs(1, { openChannel });
    const stranger = openChannel(`sallyport:session:${door.url}`, () => undefined);
    const token = { value: 'x', userId: 'u', renewAt: Number.NaN, expiresAt: 'never' };
    for (const message of [null, 'signed-in', {}, { kind: 'signed-in', at: Date.now() }, { kind: 'signed-in', at: Date.now(), token }]) {
      stranger.post(message);
    }
    await delivery();
    expect(tab!.session.state()).toBe('signed-out');
    stranger.post({ kind: 'signed-in', at: Date.now(), token: { value: 'x', userId: null, renewAt: 1, expiresAt: 2 } });
    await reach([tab!], 'signed-in');
    expect(tab!.session.userId()).toBeNull();
  });

  it('a closed one hears nothing', async () => {
    const [tab, closed] = await openTabs(2);
    closed!.close();
    await tab!.trpc.auth.login.mutate(credentials);
    await delivery();
    expect(closed!.session.state()).toBe('signed-out');
  });

  it('of another Sallyport nobody hears', async () => {
    const [tab] = await openTabs(1);
    const other = await openTestDoor();
    const stranger = browser.openTab(other.url);
    await stranger.trpc.auth.login.mutate(credentials);
    await delivery();
    expect(tab!.session.state()).toBe('signed-out');
    await other.close();
  });
});

describe('races', () => {
  it('a refresh that a logout in another tab overtook does not sign back in', async () => {
    const [tab, other] = await openSignedInTabs(2, { locks: null });
    sleep(3_600_000);
    const hold = door.holdNextAnswer('auth.refresh');
    const call = tab!.session.accessToken();
    await hold.arrived;
    sleep(1);
    await other!.trpc.auth.logout.mutate();
    await reach([tab!], 'signed-out');
    hold.release();
    expect(await call).toBeNull();
    expect([tab!.session.state(), other!.session.state()]).toEqual(['signed-out', 'signed-out']);
  });

  it('a refusal that a login in another tab overtook does not sign out', async () => {
    const [other] = await openTabs(1, { locks: null });
    const hold = door.holdNextAnswer('auth.refresh');
    const tab = browser.openTab(door.url, { locks: null });
    const call = tab.session.accessToken();
    await hold.arrived;
    sleep(1);
    await other!.trpc.auth.login.mutate(credentials);
    await reach([tab], 'signed-in');
    hold.release();
    expect(await call).toBe(await other!.session.accessToken());
    expect([tab.session.state(), other!.session.state()]).toEqual(['signed-in', 'signed-in']);
  });

  it('news of a renewal asked for before a sign-out comes too late', async () => {
    const openChannel = createChannels();
    const [tab] = await openSignedInTabs(1, { openChannel });
    const late = openChannel(`sallyport:session:${door.url}`, () => undefined);
    const at = Date.now();
    sleep(1);
    await tab!.trpc.auth.logout.mutate();
    const token = { value: 'x', userId: 'u', renewAt: at + 1e6, expiresAt: at + 1e6 };
    late.post({ kind: 'renewed', at, token });
    late.post({ kind: 'signed-in', at, token });
    await delivery();
    expect(tab!.session.state()).toBe('signed-out');
  });

  it.each(['with locks', 'without locks'])('a login during a refresh keeps its cookie, whose answer comes first, %s', async (how) => {
    const tab = browser.openTab(door.url, how === 'without locks' ? { locks: null } : {});
    const hold = door.holdNextAnswer('auth.refresh');
    tab.session.subscribe(() => undefined);
    await hold.arrived;
    const login = tab.trpc.auth.login.mutate(credentials);
    hold.release();
    await login;
    await reach([tab], 'signed-in');
    // The refusal cleared the cookie; had it come after the login's, there would be none to renew with.
    sleep(3_600_000);
    expect((await tab.trpc.auth.me.query()).email).toBe('ada@example.com');
  });

  it('calls that set the cookie take turns across tabs', async () => {
    const [tab, other] = await openSignedInTabs(2);
    sleep(3_600_000);
    const hold = door.holdNextAnswer('auth.refresh');
    const call = tab!.session.accessToken();
    await hold.arrived;
    const logout = other!.trpc.auth.logout.mutate();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(door.calls.at(-1)).toBe('auth.refresh');
    hold.release();
    await Promise.all([call, logout]);
    await reach([tab!, other!], 'signed-out');
  });
});
