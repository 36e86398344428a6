import { Browser } from './browser.ts';
import { tokenFor } from './inbox.ts';

export const PASSWORD = 'correct horse battery';

/** Signs somebody up at an embedded service, confirms, and answers their signed-in browser. */
export async function signedUp(url: string, email: string): Promise<Browser> {
  const browser = new Browser(url);
  await browser.trpc.auth.register.mutate({ name: 'Ada', email, password: PASSWORD });
  const { session } = await browser.trpc.auth.verifyEmail.mutate({ token: await tokenFor(url, email) });
  browser.accessToken = session?.accessToken ?? null;
  return browser;
}
