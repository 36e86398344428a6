import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../support/chromium.ts';
import { becomeMember, type Demo, openDemo } from '../support/demo.ts';
import { endAllServices } from '../support/service.ts';

/** How long the tabs go on; a minute for a thorough run. */
const SECONDS = Number(process.env.DEMO_TABS_SECONDS ?? 20);

describe.skipIf(chromiumAbsent)('two tabs of the demo, with access tokens of 5 s', () => {
  let demo: Demo;

  beforeAll(async () => {
    demo = await openDemo({ ACCESS_TOKEN_TTL: '5s' });
  });
  afterAll(async () => {
    await demo?.close();
    await endAllServices();
  });

  it(`refresh at once for ${SECONDS} s, and nobody is signed out`, { timeout: (SECONDS + 60) * 1000 }, async () => {
    const context = await demo.profile();
    const one = await becomeMember(context, demo, 'tabs@example.com');
    const other = await context.newPage();
    await other.goto(`${demo.url}/account`);
    const refreshes: number[] = [];
    for (const page of [one, other]) {
      page.on('response', (answer) => {
        if (answer.url().endsWith('/auth.refresh')) refreshes.push(answer.status());
      });
    }

    // Turn by turn: both loaded anew at once, then both left alone until each has to renew its token.
    const deadline = Date.now() + SECONDS * 1000;
    for (let turn = 0; Date.now() < deadline; turn += 1) {
      if (turn % 2 === 0) await Promise.all([one.reload(), other.reload()]);
      else await Promise.race([one, other].map((page) => page.waitForResponse(/auth\.refresh/)));
      await Promise.all([showsAccount(one), showsAccount(other)]);
    }
    expect(new Set(refreshes)).toEqual(new Set([200]));
    expect(refreshes.length).toBeGreaterThanOrEqual(SECONDS / 5);
    expect(demo.problems).toEqual([]);
  });

  function showsAccount(page: Page): Promise<void> {
    return page.getByText('tabs@example.com').waitFor({ timeout: 5000 });
  }
});
