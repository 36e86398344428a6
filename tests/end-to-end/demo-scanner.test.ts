import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../support/chromium.ts';
import { type Demo, heading, openDemo, press, signIn, signUp } from '../support/demo.ts';
import { endAllServices } from '../support/service.ts';

const WATCHES_MS = 10_000;

describe.skipIf(chromiumAbsent)('a mail scanner with a whole browser', () => {
  let demo: Demo;
  let owner: BrowserContext;
  let scanner: BrowserContext;
  let sent: string[];
  let email: string;
  let links: readonly string[];

  beforeAll(async () => {
    demo = await openDemo();
  });
  afterAll(async () => {
    await demo?.close();
    await endAllServices();
  });

  beforeEach(async ({ task }) => {
    email = `${task.id.replaceAll(/[^a-z0-9]/gi, '')}@example.com`;
    owner = await demo.profile();
    await signUp(owner, demo.url, email);
    const { confirm, disown } = await demo.links(email);
    links = [confirm, disown];
    scanner = await demo.profile();
    sent = [];
    scanner.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
  });

  it('that opens the links, runs their scripts and waits sends nothing and changes nothing', async () => {
    const pages = await Promise.all(links.map((link) => open(link)));
    for (const page of pages) await wander(page);
    await sleep(WATCHES_MS);
    expect(sent).toEqual([]);
    await nothingIsConfirmed();
    await theLinkStillWorks();
  });

  it('that presses every button, without the password, confirms nothing and stops nobody', async () => {
    for (const link of links) {
      const page = await open(link);
      for (let round = 0; round < 4; round += 1) await pressEverything(page);
    }
    expect(sent).toContain('POST /trpc/auth.verifyEmail');
    expect(sent).toContain('POST /trpc/auth.disownRegistration');
    await nothingIsConfirmed();
    await theLinkStillWorks();
  });

  async function open(link: string): Promise<Page> {
    const page = await scanner.newPage();
    await page.goto(link);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  async function wander(page: Page): Promise<void> {
    for (const [x, y] of [
      [10, 10],
      [400, 300],
      [640, 360],
      [900, 500],
    ] as const) {
      await page.mouse.move(x, y, { steps: 5 });
    }
    await page.mouse.wheel(0, 400);
  }

  async function pressEverything(page: Page): Promise<void> {
    for (const button of await page.getByRole('button').all()) {
      await button.click({ timeout: 1000 }).catch(() => undefined);
    }
  }

  async function nothingIsConfirmed(): Promise<void> {
    const page = await owner.newPage();
    await signIn(page, demo.url, email);
    await page.getByText('not confirmed yet').waitFor();
  }

  async function theLinkStillWorks(): Promise<void> {
    const page = await owner.newPage();
    await page.goto(links[0] ?? '');
    await press(page, 'Confirm my address');
    await heading(page, 'Welcome, Ada Lovelace');
    expect(demo.problems).toEqual([]);
  }
});
