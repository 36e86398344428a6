// Pictures of every page of the built demo, light, dark and on a phone, into the folder given: node .scripts/screenshots.mjs <folder>
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('Name a folder for the pictures.');
mkdirSync(target, { recursive: true });

const LOOKS = {
  light: { viewport: { width: 1100, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1100, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 720 }, colorScheme: 'light', deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
const PASSWORD = 'seven green herons';

const home = mkdtempSync(join(tmpdir(), 'sallyport-pictures-'));
const port = await freePort();
const url = `http://localhost:${port}`;
const service = spawn(process.execPath, [resolve(import.meta.dirname, '../dist/bin.cjs')], {
  cwd: home,
  env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'silent' },
  stdio: 'ignore',
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await untilReady();
  for (const [look, options] of Object.entries(LOOKS)) await walk(look, options);
} finally {
  await browser.close();
  service.kill('SIGTERM');
  await once(service, 'exit');
  rmSync(home, { recursive: true, force: true });
}

async function walk(look, options) {
  const email = `ada.${look}@example.com`;
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce', locale: 'en-GB' });
  const page = await context.newPage();
  const shoot = async (name, on = page) => {
    await on.waitForTimeout(150);
    await on.screenshot({ path: join(target, `${name}-${look}.png`), fullPage: true });
  };
  const heading = (text, on = page) => on.getByRole('heading', { level: 1, name: text }).waitFor();

  await page.goto(url);
  await page.getByText('Open its inbox').waitFor();
  await shoot('welcome');
  await page.goto(`${url}/nowhere`);
  await page.goto(`${url}/inbox`);
  await heading('Inbox');
  await page.goto(`${url}/check-inbox`);
  await heading('No sign-up is waiting here');
  await shoot('check-inbox-nothing');

  await page.goto(`${url}/sign-up`);
  await shoot('sign-up');
  await page.getByLabel('Email address').fill('ada@nowhere');
  await page.getByLabel('Password', { exact: true }).fill('seven green herons');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('Tell us what to call you').waitFor();
  await shoot('sign-up-fields');
  await signUp(page, email, 'password');
  await page.getByText('among the passwords').waitFor();
  await shoot('sign-up-weak');
  await signUp(page, email, PASSWORD);
  await heading('Check your inbox');
  await page.getByText('Handed over', { exact: true }).waitFor({ timeout: 15_000 });
  await shoot('check-inbox');
  await page.getByText('Wrong address?').click();
  await shoot('check-inbox-change');

  const [confirm, disown] = await linksTo(email);
  await page.goto(`${url}/sign-in`);
  await signIn(page, email, PASSWORD);
  await page.getByText('not confirmed yet').waitFor();
  await shoot('sign-in-unconfirmed');
  await page.goto(`${url}/inbox`);
  await page.getByRole('button', { name: 'Plain text' }).waitFor();
  // A frame out of sight is not painted.
  await page.locator('iframe').scrollIntoViewIfNeeded();
  await page.frameLocator('iframe').getByRole('heading').waitFor();
  await page.waitForTimeout(400);
  await shoot('inbox');
  await page.getByRole('button', { name: 'Plain text' }).click();
  await shoot('inbox-text');

  const elsewhere = await (await browser.newContext({ ...options, reducedMotion: 'reduce', locale: 'en-GB' })).newPage();
  await elsewhere.goto(disown);
  await heading("This wasn't me", elsewhere);
  await shoot('disown', elsewhere);
  await elsewhere.getByRole('button', { name: 'Stop these mails' }).click();
  await heading('No more mail will come', elsewhere);
  await shoot('disown-done', elsewhere);
  await elsewhere.goto('about:blank');
  await elsewhere.goto(confirm);
  await heading('Confirm your address', elsewhere);
  await shoot('verify-elsewhere', elsewhere);
  await elsewhere.getByRole('button', { name: 'Confirm my address' }).click();
  await heading('Is it you?', elsewhere);
  await shoot('verify-prove', elsewhere);
  await elsewhere.getByLabel('Password', { exact: true }).fill('not the one');
  await elsewhere.getByRole('button', { name: 'Confirm and sign in' }).click();
  await elsewhere.getByText('not the password of this sign-up').waitFor();
  await shoot('verify-prove-wrong', elsewhere);
  await elsewhere.getByRole('button', { name: 'I forgot it' }).click();
  await heading('Set a password of your own', elsewhere);
  await shoot('verify-renew', elsewhere);

  await page.goto(confirm);
  await page.getByText(email).waitFor();
  await shoot('verify');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await heading('Welcome, Ada Lovelace');
  await shoot('verify-done');
  await page.getByRole('link', { name: 'Go to your account' }).click();
  await page.getByText(email).waitFor();
  await shoot('account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading('You are signed out');
  await shoot('signed-out');

  await page.goto(confirm);
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await heading('Already confirmed');
  await shoot('verify-used');
  await page.goto('about:blank');
  await page.goto(`${url}/verify#token=gone`);
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await heading('This link has ended');
  await shoot('verify-ended');
  await page.goto(`${url}/sign-in`);
  await shoot('sign-in');
  for (let tries = 0; tries < 11; tries += 1) {
    await signIn(page, `nobody.${look}@example.com`, `wrong ${tries}`);
    const outcome = page.getByText(/do not go together|Too many tries/);
    await outcome.waitFor();
    if (tries === 0) await shoot('sign-in-wrong');
    await page.waitForTimeout(100);
    if (await page.getByText('Too many tries').isVisible()) break;
  }
  await shoot('sign-in-too-many');
  await context.close();
  await elsewhere.context().close();
}

async function signUp(page, email, password) {
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign up' }).click();
}

async function signIn(page, email, password) {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  const answered = page.waitForResponse(/auth\.login/);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await answered;
}

async function linksTo(email) {
  const mails = await (await fetch(`${url}/dev/inbox.json`)).json();
  return mails.find(({ to }) => to.includes(email)).links;
}

async function untilReady() {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error('The service did not start.');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}
