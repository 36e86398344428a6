import { expect } from 'vitest';
import { reasonOf } from '../../support/browser.ts';
import { tokenIn } from '../../support/inbox.ts';
import { eventually } from '../../support/service.ts';
import type { Stage } from '../../support/stage.ts';
import type { Genuine } from './doors.ts';
import { Witness } from './witness.ts';

/** What a whole flow leaves behind: every secret that was ever used, and those that are still good. */
export interface Passage {
  /** Under a name, for the message of a failure. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly addresses: readonly string[];
  readonly genuine: Genuine;
}

const passwords = {
  ada: 'ada has a red bicycle',
  bert: 'bert keeps nine bees',
  cleo: 'cleo counts the stars',
  'cleo, the new one': 'cleo forgot the stars',
  dora: 'dora paints old doors',
  wrong: 'nobody ever chose this',
};

/** Drives every procedure, with sessions, links and registrations in each of their states, at a stage with REFRESH_GRACE=1s. */
export async function walkThrough(stage: Stage): Promise<Passage> {
  const [here, there = here] = stage.urls;
  const witnesses: Witness[] = [];
  const enter = (url: string) => {
    const witness = new Witness(url);
    witnesses.push(witness);
    return witness;
  };

  const ada = enter(here);
  await signUp(ada, 'ada');
  await enter(there).trpc.auth.resendVerification.mutate({ email: 'ada@example.com' });
  await mailTo(stage, 'ada@example.com', 2);
  expect(await reasonOf(ada.trpc.auth.resendVerification.mutate({}))).toBe('too-many-requests');
  await ada.trpc.auth.verifyEmail.mutate({ token: await linkOf(stage, 'ada@example.com') });
  for (let n = 0; n < 3; n += 1) await ada.trpc.auth.refresh.mutate();
  await ada.trpc.auth.me.query();

  const phone = enter(there);
  expect(await reasonOf(phone.login('ada@example.com', passwords.wrong))).toBe('invalid-credentials');
  await phone.login('ada@example.com', passwords.ada);
  await phone.trpc.auth.refresh.mutate();
  await phone.trpc.auth.logout.mutate();

  await reuse(stage, enter(here));
  await signUp(enter(here), 'ada');
  await mailTo(stage, 'ada@example.com', 4);

  const bert = enter(here);
  await signUp(bert, 'bert');
  await move(stage, enter);

  const dora = enter(here);
  await signUp(dora, 'dora');
  const token = await linkOf(stage, 'dora@example.com');
  expect(await reasonOf(enter(there).trpc.auth.verifyEmail.mutate({ token, password: passwords.wrong }))).toBe('invalid-credentials');
  expect(await reasonOf(dora.login('dora@example.com', passwords.dora))).toBe('email-not-verified');
  await enter(here).trpc.auth.disownRegistration.mutate({ token });

  const genuine: Genuine = {
    address: 'ada@example.com',
    password: passwords.ada,
    link: await linkOf(stage, 'bert@example.com'),
    registration: (await bert.cookie('registration')) ?? '',
    refresh: (await ada.cookie('refresh')) ?? '',
    device: (await ada.cookie('device')) ?? '',
    bearer: ada.accessTokens.at(-1) ?? '',
  };
  const addresses = ['ada', 'bert', 'cleo-moved', 'dora'].map((name) => `${name}@example.com`);
  return { secrets: await secretsOf(stage, witnesses), addresses, genuine };
}

async function signUp(browser: Witness, who: 'ada' | 'bert' | 'cleo' | 'dora'): Promise<void> {
  await browser.trpc.auth.register.mutate({ name: `The one called ${who}`, email: `${who}@example.com`, password: passwords[who] });
}

/** A session whose first token comes back after its grace. */
async function reuse(stage: Stage, thief: Witness): Promise<void> {
  const [here] = stage.urls;
  await thief.login('ada@example.com', passwords.ada);
  const old = await thief.cookie('refresh');
  await thief.trpc.auth.refresh.mutate();
  const again = () => {
    const late = new Witness(here);
    return late.jar.setCookie(`refresh=${old}; Path=/`, here).then(() => late.trpc.auth.refresh.mutate());
  };
  const refused = () =>
    again().then(
      () => 'granted',
      () => 'refused',
    );
  await eventually(refused, (outcome) => outcome === 'refused', 5_000);
  expect(await reasonOf(thief.trpc.auth.refresh.mutate())).toBe('invalid-refresh-token');
}

/** A registration under a wrong address, moved to another, and confirmed by somebody with neither its browser nor its password. */
async function move(stage: Stage, enter: (url: string) => Witness): Promise<void> {
  const [here, there = here] = stage.urls;
  const cleo = enter(here);
  await signUp(cleo, 'cleo');
  await mailTo(stage, 'cleo@example.com', 1);
  await cleo.trpc.auth.changeRegistrationEmail.mutate({ email: 'cleo-moved@example.com' });
  const owner = { token: await linkOf(stage, 'cleo-moved@example.com'), newPassword: passwords['cleo, the new one'], name: 'Cleo' };
  await enter(there).trpc.auth.verifyEmail.mutate(owner);
}

async function mailTo(stage: Stage, address: string, count: number) {
  const mails = () => stage.mails().then((all) => all.filter(({ to }) => to.includes(address)));
  return eventually(mails, ({ length }) => length >= count);
}

async function linkOf(stage: Stage, address: string): Promise<string> {
  const [mail] = (await mailTo(stage, address, 1)).filter(({ links }) => links.join(' ').includes('#token='));
  if (mail === undefined) throw new Error(`no link for ${address}`);
  return tokenIn(mail);
}

/** The part of each that must be in nobody's hands but the browser's or the mailbox's. */
async function secretsOf(stage: Stage, witnesses: readonly Witness[]): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const add = (name: string, secret: string | undefined) => {
    if (secret !== undefined) secrets.set(`${name} (${secrets.size})`, secret);
  };
  for (const [whose, password] of Object.entries(passwords)) add(`password of ${whose}`, password);
  for (const { links } of await stage.mails()) {
    for (const link of links) add('mailed secret', /#token=[\w-]+\.([\w-]+)/.exec(link)?.[1]);
  }
  for (const { name, token } of witnesses.flatMap(({ cookies }) => cookies)) add(`${name} token`, token.split('.').at(-1));
  for (const token of witnesses.flatMap(({ accessTokens }) => accessTokens)) {
    add('access token', token);
    add('signature of an access token', token.split('.')[2]);
  }
  return secrets;
}
