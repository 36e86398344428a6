import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium, watch } from './chromium.ts';
import { mailTo } from './inbox.ts';
import { type RunningService, startService } from './service.ts';

export const PASSWORD = 'seven green herons';
const PATIENCE_MS = 15_000;

/** The built service with its demo, and a browser to look at it. */
export interface Demo {
  readonly url: string;
  readonly service: RunningService;
  readonly browser: Browser;
  /** Everything that went wrong in any profile so far. */
  readonly problems: string[];
  /** A browser profile of its own: no cookies, nothing stored. */
  profile(options?: { bypassCSP?: boolean; colorScheme?: 'light' | 'dark' }): Promise<BrowserContext>;
  /** The links of the nth mail to an address. */
  links(email: string, count?: number): Promise<{ confirm: string; disown: string }>;
  close(): Promise<void>;
}

export async function openDemo(env: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const [service, browser] = await Promise.all([startService({ env }), launchChromium()]);
  const problems: string[] = [];
  return {
    url: service.url,
    service,
    browser,
    problems,
    profile: async (options = {}) => {
      const context = await browser.newContext({ locale: 'en-GB', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      watch(context, problems);
      return context;
    },
    links: async (email, count = 1) => {
      const { links } = await mailTo(service.url, email, count);
      const [confirm, disown] = ['#token=', '#disown='].map((part) => links.find((link) => link.includes(part)));
      if (confirm === undefined || disown === undefined) throw new Error(`links are missing in ${links.join(' ')}`);
      return { confirm, disown };
    },
    close: async () => {
      await browser.close();
      await service.stop();
    },
  };
}

/** Waits until a page has this heading. */
export function heading(page: Page, name: string): Promise<void> {
  return page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

export function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click();
}

/** Signs up in a new tab of the profile, up to "check your inbox". */
export async function signUp(context: BrowserContext, url: string, email: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/sign-up`);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await press(page, 'Sign up');
  await heading(page, 'Check your inbox');
  return page;
}

/** Signs up and confirms in one profile; answers the tab, which shows the account. */
export async function becomeMember(context: BrowserContext, demo: Demo, email: string): Promise<Page> {
  const page = await signUp(context, demo.url, email);
  await page.goto((await demo.links(email)).confirm);
  await press(page, 'Confirm my address');
  await heading(page, 'Welcome, Ada Lovelace');
  await page.getByRole('link', { name: 'Go to your account' }).click();
  await heading(page, 'Your account');
  return page;
}

export async function signIn(page: Page, url: string, email: string, password = PASSWORD): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Sign in');
}
