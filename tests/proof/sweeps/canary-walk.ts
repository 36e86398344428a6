import { Browser, reasonOf } from '../../support/browser.ts';
import { eventually } from '../../support/service.ts';
import type { ScriptedSmtp } from '../../support/scripted-smtp.ts';
import { tokenOf } from '../faults/letters.ts';
import type { Canaries } from './canaries.ts';
import { Witness } from './witness.ts';

/** Somebody with canaries for everything that they type. */
interface Person {
  readonly browser: Witness;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Goes through every procedure with success, and through what only somebody signed up can be refused for. Answers the reasons. */
export async function walkWithCanaries(url: string, smtp: ScriptedSmtp, canaries: Canaries): Promise<Set<string>> {
  const reasons = new Set<string>();
  const refused = async (call: Promise<unknown>) => reasons.add(await reasonOf(call));
  const witnesses: Witness[] = [];
  const enter = () => {
    const browser = new Witness(url, { 'user-agent': canaries.release('User-Agent of a browser') });
    witnesses.push(browser);
    return browser;
  };
  const signUp = async (who: string): Promise<Person> => {
    const browser = enter();
    const typed = { name: canaries.release(`name of ${who}`), password: canaries.release(`password of ${who}`) };
    const email = `${canaries.release(`address of ${who}`)}${who}@example.com`;
    await browser.trpc.auth.register.mutate({ ...typed, email });
    return { browser, email, ...typed };
  };
  const linkOf = async (email: string, count = 1) => {
    const tokens = () => Promise.resolve(smtp.mails.filter(({ to }) => to.includes(email)).map(tokenOf));
    const token = (await eventually(tokens, ({ length }) => length >= count)).at(-1) ?? '';
    canaries.guard('mailed secret', token.split('.')[1] ?? '');
    return token;
  };

  const owner = await signUp('owner');
  const token = await linkOf(owner.email);
  await enter().trpc.auth.resendVerification.mutate({ email: owner.email });
  await linkOf(owner.email, 2);
  await refused(owner.browser.trpc.auth.resendVerification.mutate({}));
  await refused(owner.browser.login(owner.email, owner.password));
  await refused(enter().trpc.auth.verifyEmail.mutate({ token }));
  await refused(enter().trpc.auth.verifyEmail.mutate({ token, password: canaries.release('wrong password for a link') }));
  await enter().trpc.auth.register.mutate({ name: owner.name, email: owner.email, password: owner.password });
  const another = await linkOf(owner.email, 3);
  await owner.browser.trpc.auth.verifyEmail.mutate({ token });
  await refused(enter().trpc.auth.verifyEmail.mutate({ token: another }));
  await refused(enter().trpc.auth.verifyEmail.mutate({ token }));
  await liveThroughSession(url, owner, enter, refused);

  const mover = await signUp('mover');
  const moved = canaries.address('address moved to');
  await mover.browser.trpc.auth.changeRegistrationEmail.mutate({ email: moved });
  const movedToken = await linkOf(moved);
  await enter().trpc.auth.disownRegistration.mutate({ token: movedToken });
  const [newPassword, name] = [canaries.release('new password'), canaries.release('new name')];
  await enter().trpc.auth.verifyEmail.mutate({ token: movedToken, newPassword, name });
  const weak = { name: mover.name, email: mover.email, password: mover.email.replace('@example.com', '') };
  await refused(mover.browser.trpc.auth.register.mutate(weak));

  for (const fate of ['unknown', 'later', 'policy']) {
    const reached = smtp.reached('RCPT');
    await signUp(fate);
    await reached;
  }
  await spend(enter, canaries, refused);
  guardAll(witnesses, canaries);
  return reasons;
}

/** To the end of a session, by an old token that comes again. */
async function liveThroughSession(
  url: string,
  { browser, email, password }: Person,
  enter: () => Witness,
  refused: (call: Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const phone = enter();
  await refused(phone.login(email, `${password}, or not`));
  await phone.login(email, password);
  await phone.trpc.auth.me.query();
  await phone.trpc.auth.logout.mutate();
  await refused(phone.trpc.auth.me.query());

  const old = await browser.cookie('refresh');
  await browser.trpc.auth.refresh.mutate();
  const again = async () => {
    const late = new Browser(url);
    await late.jar.setCookie(`refresh=${old}; Path=/`, url);
    return late.post('auth.refresh');
  };
  await eventually(again, ({ status }) => status === 401, 5_000);
  await refused(browser.trpc.auth.refresh.mutate());
}

/** To the end of an address's tries. */
async function spend(enter: () => Witness, canaries: Canaries, refused: (call: Promise<unknown>) => Promise<Set<string>>): Promise<void> {
  const email = canaries.address('address guessed at');
  for (let n = 0; n < 12; n += 1) await refused(enter().login(email, canaries.release('guess')));
}

function guardAll(witnesses: readonly Witness[], canaries: Canaries): void {
  for (const { name, token } of witnesses.flatMap(({ cookies }) => cookies)) {
    canaries.guard(`cookie ${name}`, token);
    canaries.guard(`secret part of cookie ${name}`, token.split('.').at(-1) ?? '');
  }
  for (const token of witnesses.flatMap(({ accessTokens }) => accessTokens)) {
    canaries.guard('access token', token);
    canaries.guard('signature of an access token', token.split('.')[2] ?? '');
  }
}
