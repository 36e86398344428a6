import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Where there is no Chromium its suites are skipped by name, unless everything is required. */
export const chromiumAbsent = !existsSync(executablePath) && process.env.REQUIRE_ALL_ADAPTERS !== '1';

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Notes what goes wrong in the pages of a context. A refusal of a call is no wrong: the page shows it, and the browser logs it all the same. */
export function watch(context: BrowserContext, problems: string[]): void {
  context.on('page', (page) => {
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      const refusedCall = message.text().startsWith('Failed to load resource') && message.location().url.includes('/trpc/');
      if (['error', 'warning'].includes(message.type()) && !refusedCall) problems.push(`${message.type()}: ${message.text()}`);
    });
  });
}

/** Everything that a page of this origin could have kept. */
export function storedIn(page: Page): Promise<unknown> {
  return page.evaluate(
    '(async () => ({ ...localStorage, ...sessionStorage, cookie: document.cookie, databases: await indexedDB.databases(), caches: await caches.keys() }))()',
  );
}

export const NOTHING_STORED = { cookie: '', databases: [], caches: [] };
