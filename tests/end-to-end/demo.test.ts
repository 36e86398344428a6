import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent, NOTHING_STORED, storedIn } from '../support/chromium.ts';
import { becomeMember, type Demo, heading, openDemo, PASSWORD, press, signIn, signUp } from '../support/demo.ts';
import { endAllServices } from '../support/service.ts';

const POLICY = new Set([
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]);

describe.skipIf(chromiumAbsent)('the demo, in a browser', () => {
  let demo: Demo;

  beforeAll(async () => {
    demo = await openDemo();
  });
  afterAll(async () => {
    await demo?.close();
    await endAllServices();
  });
  // No error, no warning, and so no breach of the page's policy, in any of the cases.
  afterEach(() => expect(demo.problems).toEqual([]));

  it('goes all the way from the front door to the account and out, and keeps nothing in storage', async () => {
    const page = await (await demo.profile()).newPage();
    await page.goto(demo.url);
    await page.getByRole('main').getByRole('link', { name: 'Sign up' }).click();
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('Email address').fill('walk@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign up');
    await heading(page, 'Check your inbox');
    await page.getByText('Handed over', { exact: true }).waitFor();
    await page.getByRole('timer').waitFor();
    await page.getByRole('link', { name: 'Open its inbox' }).click();
    await page.getByRole('link', { name: 'Open the confirmation link' }).click();
    await page.getByText('walk@example.com').waitFor();
    expect(page.url()).toBe(`${demo.url}/verify`);
    await press(page, 'Confirm my address');
    await heading(page, 'Welcome, Ada Lovelace');
    await page.getByRole('link', { name: 'Go to your account' }).click();
    await page.getByText('walk@example.com').waitFor();
    expect(await storedIn(page)).toEqual(NOTHING_STORED);
    await press(page, 'Sign out');
    await heading(page, 'You are signed out');
    await signIn(page, demo.url, 'walk@example.com');
    await heading(page, 'Your account');
  });

  it('says what is wrong with each field, and with the password in words', async () => {
    const page = await (await demo.profile()).newPage();
    await page.goto(`${demo.url}/sign-up`);
    await page.getByLabel('Email address').fill('nowhere');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await press(page, 'Sign up');
    await page.getByText('Tell us what to call you').waitFor();
    await page.getByText('not an address that mail can be sent to').waitFor();
    expect(await page.evaluate('document.activeElement.name')).toBe('name');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Email address').fill('weak@example.com');
    await press(page, 'Sign up');
    await page.getByText('Too short').waitFor();
  });

  it('a reload finds the session again', async () => {
    const page = await becomeMember(await demo.profile(), demo, 'reload@example.com');
    await page.reload();
    await page.getByText('reload@example.com').waitFor();
  });

  it('a sign-out in one tab is seen in the other', async () => {
    const context = await demo.profile();
    const one = await becomeMember(context, demo, 'leaving@example.com');
    const other = await context.newPage();
    await other.goto(`${demo.url}/account`);
    await other.getByText('leaving@example.com').waitFor();
    await press(one, 'Sign out');
    await heading(other, 'You are signed out');
  });

  it('the link in another profile asks for the password, and the waiting page leads to sign in', async () => {
    const waiting = await signUp(await demo.profile(), demo.url, 'phone@example.com');
    const page = await (await demo.profile()).newPage();
    await page.goto((await demo.links('phone@example.com')).confirm);
    await press(page, 'Confirm my address');
    await heading(page, 'Is it you?');
    expect(await page.getByLabel('Email address').inputValue()).toBe('phone@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not the one at all');
    await press(page, 'Confirm and sign in');
    await page.getByText('not the password of this sign-up').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Confirm and sign in');
    await heading(page, 'Welcome, Ada Lovelace');
    await heading(waiting, 'Your address is confirmed');
    await waiting.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await heading(waiting, 'Sign in');
  });

  it('the link in another profile lets the person set a password and a name of their own', async () => {
    await signUp(await demo.profile(), demo.url, 'owner@example.com');
    const page = await (await demo.profile()).newPage();
    await page.goto((await demo.links('owner@example.com')).confirm);
    await press(page, 'Confirm my address');
    await press(page, 'I forgot it, or never chose one');
    await heading(page, 'Set a password of your own');
    await page.getByLabel('Your name').fill('Grace Hopper');
    await page.getByLabel('New password').fill('nine quiet otters');
    await press(page, 'Set it and sign in');
    await heading(page, 'Welcome, Grace Hopper');
    await press(await openAccount(page), 'Sign out');
    await heading(page, 'You are signed out');
    await signIn(page, demo.url, 'owner@example.com');
    await page.getByText('do not go together').waitFor();
    await signIn(page, demo.url, 'owner@example.com', 'nine quiet otters');
    await heading(page, 'Your account');
  });

  it('a used link, a dead link and an address with an account are told apart', async () => {
    const context = await demo.profile();
    const stranger = await demo.profile();
    await signUp(stranger, demo.url, 'twice@example.com');
    const second = await demo.links('twice@example.com');
    const page = await signUp(context, demo.url, 'twice@example.com');
    const first = await demo.links('twice@example.com', 2);
    for (const title of ['Welcome, Ada Lovelace', 'Already confirmed']) {
      await page.goto('about:blank');
      await page.goto(first.confirm);
      await press(page, 'Confirm my address');
      await heading(page, title);
    }
    const other = await stranger.newPage();
    await other.goto(second.confirm);
    await press(other, 'Confirm my address');
    await heading(other, 'You already have an account');
    await other.goto('about:blank');
    await other.goto(`${demo.url}/verify#token=nothing`);
    await press(other, 'Confirm my address');
    await heading(other, 'This link has ended');
    await other.reload();
    await heading(other, 'Open the link in your mail');
  });

  it('a wrong address can be changed: the mail there stops working, the mail at the right one works', async () => {
    const page = await signUp(await demo.profile(), demo.url, 'wrnog@example.com');
    const wrong = await demo.links('wrnog@example.com');
    await page.getByText('Wrong address? Change it').click();
    await page.getByLabel('The right address').fill('right@example.com');
    await press(page, 'Change it');
    await page.getByText('right@example.com').waitFor();
    const right = await demo.links('right@example.com');
    await page.goto(wrong.confirm);
    await press(page, 'Confirm my address');
    await heading(page, 'This link has ended');
    await page.goto('about:blank');
    await page.goto(right.confirm);
    await press(page, 'Confirm my address');
    await heading(page, 'Welcome, Ada Lovelace');
  });

  it("'this wasn't me' takes one press, and whoever began the sign-up sees no difference", async () => {
    const waiting = await signUp(await demo.profile(), demo.url, 'victim@example.com');
    await waiting.getByText('Handed over', { exact: true }).waitFor();
    const page = await (await demo.profile()).newPage();
    await page.goto((await demo.links('victim@example.com')).disown);
    expect(page.url()).toBe(`${demo.url}/verify`);
    await press(page, 'Stop these mails');
    await heading(page, 'No more mail will come');
    await waiting.reload();
    await waiting.getByText('Handed over', { exact: true }).waitFor();
  });

  it('the right browser is told that its address is not confirmed yet', async () => {
    const page = await signUp(await demo.profile(), demo.url, 'early@example.com');
    await signIn(page, demo.url, 'early@example.com');
    await page.getByRole('link', { name: 'See how your mail stands' }).click();
    await heading(page, 'Check your inbox');
  });

  it('too many tries show the seconds to wait, counting down', async () => {
    const page = await (await demo.profile()).newPage();
    await signIn(page, demo.url, 'many@example.com', 'wrong password');
    for (let tries = 0; tries < 10; tries += 1) await press(page, 'Sign in');
    const waits = page.getByRole('button', { name: /^Try again in / });
    const before = await waits.textContent();
    await expect.poll(() => waits.textContent(), { timeout: 5000 }).not.toBe(before);
    expect(before).toMatch(/^Try again in \d+(:\d\d| s)/);
  });

  it('a page change moves the focus to its heading, and everything works by keyboard', async () => {
    const page = await (await demo.profile()).newPage();
    await page.goto(`${demo.url}/sign-in`);
    await page.getByRole('main').getByRole('link', { name: 'Sign up' }).press('Enter');
    await heading(page, 'Sign up');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Sign up');
    for (const text of ['Ada Lovelace', 'keys@example.com', PASSWORD]) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Enter');
    await heading(page, 'Check your inbox');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Check your inbox');
  });

  it('without a network it says so, keeps what was typed, and works again afterwards', async () => {
    const context = await demo.profile();
    const page = await context.newPage();
    await page.goto(`${demo.url}/sign-up`);
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('Email address').fill('offline@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await context.setOffline(true);
    await press(page, 'Sign up');
    await page.getByText('The service cannot be reached').waitFor();
    await context.setOffline(false);
    await press(page, 'Sign up');
    await heading(page, 'Check your inbox');
    await page.getByRole('button', { name: /^Send it again in \d+ s$/ }).waitFor();
  });

  it('allows its pages nothing inline and nothing from elsewhere, and keeps only what has a name of its own', async () => {
    for (const path of ['/', '/sign-up', '/sign-in', '/account', '/check-inbox', '/verify', '/inbox']) {
      const { headers } = await fetch(demo.url + path);
      expect(headers.get('cache-control'), path).toBe('no-store');
      expect(new Set(headers.get('content-security-policy')?.split(';')), path).toEqual(POLICY);
    }
    const [asset = ''] = /\/assets\/[\w-]+\.js/.exec(await (await fetch(demo.url)).text()) ?? [];
    expect((await fetch(demo.url + asset)).headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await fetch(`${demo.url}/assets/none.js`)).status).toBe(404);
  });

  async function openAccount(page: Awaited<ReturnType<typeof signUp>>) {
    await page.getByRole('link', { name: 'Go to your account' }).click();
    await heading(page, 'Your account');
    return page;
  }
});
