import { eventually } from './service.ts';

export interface CaughtMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly receivedAt: string;
}

/** Every mail that an embedded service has caught, newest first. */
export async function inboxOf(url: string): Promise<CaughtMail[]> {
  const answer = await fetch(`${url}/dev/inbox.json`);
  return (await answer.json()) as CaughtMail[];
}

async function mailsTo(url: string, address: string): Promise<CaughtMail[]> {
  return (await inboxOf(url)).filter(({ to }) => to.includes(address));
}

/** Waits for the nth mail to an address. */
export async function mailTo(url: string, address: string, count = 1): Promise<CaughtMail> {
  const [newest] = await eventually(
    () => mailsTo(url, address),
    (mails) => mails.length >= count,
  );
  if (newest === undefined) throw new Error('no mail');
  return newest;
}

/** The token of the newest confirmation mail to an address. */
export async function tokenFor(url: string, address: string, count = 1): Promise<string> {
  return tokenIn(await mailTo(url, address, count));
}

export function tokenIn({ links, subject }: CaughtMail): string {
  const [, token] = /#token=([\w.-]+)/.exec(links.join(' ')) ?? [];
  if (token === undefined) throw new Error(`no token in "${subject}"`);
  return token;
}
