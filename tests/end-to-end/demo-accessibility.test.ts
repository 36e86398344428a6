import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../support/chromium.ts';
import { type Demo, heading, openDemo, PASSWORD, press, signIn, signUp } from '../support/demo.ts';
import { endAllServices } from '../support/service.ts';

const PHONE = { width: 360, height: 640 };

describe.skipIf(chromiumAbsent)('the demo, to everybody', () => {
  let demo: Demo;

  beforeAll(async () => {
    demo = await openDemo();
  });
  afterAll(async () => {
    await demo?.close();
    await endAllServices();
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing to blame on any page, and none is wider than a phone (%s)',
    async (colorScheme) => {
      const email = `axe.${colorScheme}@example.com`;
      // The policy of the pages would refuse axe, which is put into them; whether they keep to it is another test's question.
      const context = await demo.profile({ bypassCSP: true, colorScheme });
      const elsewhere = await (await demo.profile({ bypassCSP: true, colorScheme })).newPage();

      const page = await context.newPage();
      await page.goto(demo.url);
      await page.getByRole('link', { name: 'Open its inbox' }).waitFor();
      await fits(page, 'The guarded door');
      await page.goto(`${demo.url}/nowhere`);
      await page.goto(`${demo.url}/check-inbox`);
      await fits(page, 'No sign-up is waiting here');
      await page.goto(`${demo.url}/account`);
      await fits(page, 'You are signed out');
      await page.goto(`${demo.url}/sign-up`);
      await fits(page, 'Sign up');
      await press(page, 'Sign up');
      await page.getByText('Tell us what to call you').waitFor();
      await fits(page, 'Sign up');
      await page.close();

      const waiting = await signUp(context, demo.url, email);
      const { confirm, disown } = await demo.links(email);
      await waiting.getByText('Handed over', { exact: true }).waitFor();
      await waiting.getByText('Wrong address? Change it').click();
      await fits(waiting, 'Check your inbox');
      await waiting.goto(`${demo.url}/inbox`);
      await waiting.getByRole('button', { name: 'Plain text' }).waitFor();
      await fits(waiting, 'Inbox');
      await waiting.getByRole('button', { name: 'Plain text' }).click();
      await fits(waiting, 'Inbox');
      await signIn(waiting, demo.url, email);
      await waiting.getByText('not confirmed yet').waitFor();
      await fits(waiting, 'Sign in');

      await elsewhere.goto(`${demo.url}/verify`);
      await fits(elsewhere, 'Open the link in your mail');
      await elsewhere.goto(disown);
      await fits(elsewhere, "This wasn't me");
      await press(elsewhere, 'Stop these mails');
      await fits(elsewhere, 'No more mail will come');
      await elsewhere.goto(confirm);
      await fits(elsewhere, 'Confirm your address');
      await press(elsewhere, 'Confirm my address');
      await fits(elsewhere, 'Is it you?');
      await press(elsewhere, 'I forgot it, or never chose one');
      await fits(elsewhere, 'Set a password of your own');
      await press(elsewhere, 'I know the password I chose');
      await elsewhere.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await press(elsewhere, 'Confirm and sign in');
      await fits(elsewhere, 'Welcome, Ada Lovelace');
      await elsewhere.getByRole('link', { name: 'Go to your account' }).click();
      await elsewhere.getByText(email).waitFor();
      await fits(elsewhere, 'Your account');
      await waiting.goto(confirm);
      await press(waiting, 'Confirm my address');
      await fits(waiting, 'Already confirmed');
    },
  );

  async function fits(page: Page, title: string): Promise<void> {
    await heading(page, title);
    await page.setViewportSize(PHONE);
    expect(await page.evaluate('document.documentElement.scrollWidth'), `${title} on a phone`).toBeLessThanOrEqual(PHONE.width);
    // Colours are judged when nothing moves any more.
    await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run(document, { iframes: false })',
    );
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      title,
    ).toEqual([]);
  }
});
