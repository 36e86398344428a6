import type { Crowd } from './crowd.ts';
import type { Field } from './field.ts';

/** How many accounts are signed in to again, to see that they are there. */
const SAMPLE = 25;

/**
 * What must hold when a crowd has finished, read past the service: one account an address, no account whose address got no mail,
 * every mail sent, and every account that somebody was promised. Answers what does not.
 */
export async function audit({ database, smtp }: Pick<Field, 'database' | 'smtp'>, crowd: Crowd, { crashes = 0 } = {}): Promise<string[]> {
  crowd.checkMails(crashes);
  const users = await database.collection<{ _id: string; canonical: string }>('users').find().toArray();
  const addresses = new Set(users.map(({ canonical }) => canonical));
  const mailed = new Set(smtp.mails.flatMap(({ to }) => to));
  const promised = crowd.people.filter(({ hasAccount }) => hasAccount);

  const broken = [...crowd.violations];
  if (addresses.size !== users.length) broken.push(`${users.length} accounts have ${addresses.size} addresses`);
  for (const address of addresses) if (!mailed.has(address)) broken.push(`${address} has an account and got no mail`);
  for (const { email } of promised) if (!addresses.has(email)) broken.push(`the account of ${email} is lost`);
  for (const person of promised.slice(-SAMPLE)) if (!(await person.canSignIn())) broken.push(`${person.email} cannot sign in`);
  return broken;
}
