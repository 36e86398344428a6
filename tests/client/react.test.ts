import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDoor, type TestDoor, type TestDoorOptions } from './support/test-door.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const absent = !existsSync(executablePath) && process.env.REQUIRE_ALL_ADAPTERS === undefined;

describe.skipIf(absent)('in a browser', () => {
  let browser: Browser;
  let pages: TestDoorOptions['pages'];
  let door: TestDoor;
  let context: BrowserContext;
  let problems: string[];

  beforeAll(async () => {
    pages = buildPages();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, 30_000);

  afterAll(() => browser.close());

  beforeEach(async () => {
    door = await openTestDoor({ pages: pages! });
    context = await browser.newContext();
    problems = [];
  });

  afterEach(async () => {
    await context.close();
    await door.close();
    expect(problems).toEqual([]);
  });

  async function openTab(): Promise<Page> {
    const tab = await context.newPage();
    tab.on('pageerror', (error) => problems.push(error.message));
    await tab.goto(door.url);
    return tab;
  }

  const shows = (tab: Page, id: string, text: string) =>
    tab.locator(`#${id}`, { hasText: new RegExp(`^${text}$`) }).waitFor({ timeout: 5000 });
  const refreshes = () => door.calls.filter((path) => path === 'auth.refresh').length;

  it('a page goes from nobody to somebody and back', async () => {
    const tab = await openTab();
    await shows(tab, 'state', 'signed-out');
    await tab.click('#wrong');
    await shows(tab, 'problem', 'invalid-credentials');
    await tab.click('#ada');
    await shows(tab, 'me', 'ada@example.com');
    await shows(tab, 'user', 'user-of-ada@example.com');
    await tab.click('#leave');
    await shows(tab, 'state', 'signed-out');
    await shows(tab, 'me', 'nothing');
    await shows(tab, 'left', 'success');
    expect(door.calls.filter((path) => path === 'auth.me')).toHaveLength(1);
  });

  it('a reload finds the session again, and nothing of it is kept in storage', async () => {
    const tab = await openTab();
    await tab.click('#ada');
    await shows(tab, 'me', 'ada@example.com');
    await tab.reload();
    await shows(tab, 'me', 'ada@example.com');
    const stored = await tab.evaluate(
      '(async () => ({ ...localStorage, ...sessionStorage, cookie: document.cookie, databases: await indexedDB.databases(), caches: await caches.keys() }))()',
    );
    expect(stored).toEqual({ cookie: '', databases: [], caches: [] });
  });

  it('a sign-in and a sign-out in one tab are seen in the other', async () => {
    const [one, other] = [await openTab(), await openTab()];
    await shows(other, 'state', 'signed-out');
    await one.click('#ada');
    await shows(other, 'me', 'ada@example.com');
    await other.click('#leave');
    await shows(one, 'state', 'signed-out');
    await shows(one, 'me', 'nothing');
  });

  it('nothing of one person is shown to the next, in any tab', async () => {
    const [one, other] = [await openTab(), await openTab()];
    await one.click('#ada');
    await shows(other, 'me', 'ada@example.com');
    await other.evaluate('window.shown.length = 0');
    await one.click('#bob');
    await shows(other, 'me', 'bob@example.com');
    expect(new Set(await other.evaluate<string[]>('window.shown'))).toEqual(new Set(['bob@example.com']));
  });

  it('tabs that are opened at once refresh one after the other', async () => {
    const tab = await openTab();
    await tab.click('#ada');
    await shows(tab, 'me', 'ada@example.com');
    const before = refreshes();
    const hold = door.holdNext('auth.refresh');
    const tabs = await Promise.all([openTab(), openTab(), openTab()]);
    await hold.arrived;
    await Promise.all(tabs.map((opened) => shows(opened, 'state', 'unknown')));
    hold.release();
    await Promise.all(tabs.map((opened) => shows(opened, 'me', 'ada@example.com')));
    expect(door.mostAtOnce('auth.refresh')).toBe(1);
    expect(refreshes() - before).toBe(1);
  });

  it('a sign-up that waits is asked after until it is confirmed elsewhere', async () => {
    const tab = await openTab();
    await shows(tab, 'registration', 'none');
    await tab.click('#register');
    await shows(tab, 'registration', 'waiting');
    door.confirmRegistration();
    await tab.locator('#registration', { hasText: 'confirmed' }).waitFor({ timeout: 7000 });
  }, 15_000);
});

/** Built by a process of its own: within vitest, Vite would take React's development build. */
function buildPages(): NonNullable<TestDoorOptions['pages']> {
  const outDir = mkdtempSync(join(tmpdir(), 'sallyport-page-'));
  try {
    const fixture = join(import.meta.dirname, 'fixtures/page');
    const vite = join(import.meta.dirname, '../../node_modules/vite/bin/vite.js');
    const options = ['build', fixture, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'];
    execFileSync(process.execPath, [vite, ...options], { env: { ...process.env, NODE_ENV: 'production' } });
    const assets = readdirSync(join(outDir, 'assets')).map((name) => `/assets/${name}`);
    const read = (path: string, type: string) => ({ type, body: readFileSync(join(outDir, path), 'utf8') });
    return new Map([['/', read('index.html', 'text/html')], ...assets.map((path) => [path, read(path, 'text/javascript')] as const)]);
  } finally {
    rmSync(outDir, { recursive: true });
  }
}
