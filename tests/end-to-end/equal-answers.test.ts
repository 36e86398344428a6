import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type RawAnswer, reasonOf } from '../support/browser.ts';
import { mailTo, tokenFor } from '../support/inbox.ts';
import { endAllServices, eventually, type RunningService, startService } from '../support/service.ts';

describe('a free, a pending and a taken address', () => {
  let service: RunningService;
  const password = 'correct horse battery';
  const stranger = 'what a stranger would take';

  beforeAll(async () => {
    service = await startService({ env: { REGISTRATION_TTL: '3s' } });
    const owner = new Browser(service.url);
    await owner.trpc.auth.register.mutate({ name: 'Owner', email: 'taken@example.com', password });
    await owner.trpc.auth.verifyEmail.mutate({ token: await tokenFor(service.url, 'taken@example.com') });
    await new Browser(service.url).trpc.auth.register.mutate({ name: 'Waiting', email: 'pending@example.com', password });
    await mailTo(service.url, 'pending@example.com');
  });
  afterAll(endAllServices);

  const addresses = ['free@example.com', 'pending@example.com', 'taken@example.com'];

  it('get byte-equal answers to register but for date, ids and the cookie, and lead their browsers through equal lives', async () => {
    const browsers = addresses.map(() => new Browser(service.url));
    const answers = await Promise.all(
      browsers.map((browser, n) => browser.post('auth.register', { name: 'S', email: addresses[n], password: stranger })),
    );
    expect(new Set(answers.map(comparable)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);

    const views = async () => Promise.all(browsers.map((browser) => browser.trpc.auth.registration.query()));
    const sent = await eventually(views, (all) => all.every((view) => view?.mail === 'sent'));
    expect(new Set(sent.map((view) => JSON.stringify({ ...view, email: '', expiresAt: '', resendAvailableAt: '' }))).size).toBe(1);
    expect(sent.every((view) => view?.expiresAt !== null)).toBe(true);

    const logins = await Promise.all(browsers.map((browser, n) => browser.post('auth.login', { email: addresses[n], password: stranger })));
    expect(new Set(logins.map(comparable)).size).toBe(1);
    expect(logins[0]?.body).toContain('email-not-verified');

    await eventually(views, (all) => all.every((view) => view === null));
    const later = await Promise.all(browsers.map((browser, n) => browser.post('auth.login', { email: addresses[n], password: stranger })));
    expect(new Set(later.map(comparable)).size).toBe(1);
    expect(later[0]?.body).toContain('invalid-credentials');
  });

  it('get equal answers to resendVerification by address', async () => {
    const answers = await Promise.all(addresses.map((email) => new Browser(service.url).post('auth.resendVerification', { email })));
    expect(new Set(answers.map(comparable)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
  });

  it('differ only in what their owners find in the mail', async () => {
    const mail = await mailTo(service.url, 'taken@example.com', 2);
    expect(mail.text).toContain('already have an account');
    expect(mail.links.join()).not.toContain('#token=');
    expect((await mailTo(service.url, 'free@example.com')).links.join()).toContain('#token=');
  });

  it('give one answer at sign-in: unknown, wrong, unconfirmed', async () => {
    const answers = await Promise.all(
      [
        ['unknown@example.com', 'whatever it may be'],
        ['taken@example.com', 'wrong password'],
        ['pending@example.com', password],
      ].map(([email, guess]) => new Browser(service.url).post('auth.login', { email, password: guess })),
    );
    expect(new Set(answers.map(comparable)).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
  });
});

describe('a stranger who signs up with my address first', () => {
  let service: RunningService;
  const his = 'his very own password';
  const hers = 'her very own password';

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(endAllServices);

  async function bothSignUp(address: string) {
    const stranger = new Browser(service.url);
    await stranger.trpc.auth.register.mutate({ name: 'Mallory', email: address, password: his });
    const strangersLink = await tokenFor(service.url, address, 1);
    const owner = new Browser(service.url);
    await owner.trpc.auth.register.mutate({ name: 'Olive', email: address, password: hers });
    const ownersLink = await tokenFor(service.url, address, 2);
    await eventually(
      () => stranger.trpc.auth.registration.query(),
      (view) => view?.mail === 'sent',
    );
    return { stranger, strangersLink, owner, ownersLink };
  }

  it('gains nothing when I press my own link', async () => {
    const { stranger, strangersLink, owner, ownersLink } = await bothSignUp('one@example.com');
    const before = await stranger.trpc.auth.registration.query();
    const { session } = await owner.trpc.auth.verifyEmail.mutate({ token: ownersLink });
    expect(session?.user.name).toBe('Olive');

    expect(await stranger.trpc.auth.registration.query()).toEqual(before);
    expect(await reasonOf(stranger.trpc.auth.login.mutate({ email: 'one@example.com', password: his }))).toBe('email-not-verified');
    expect(await reasonOf(new Browser(service.url).trpc.auth.login.mutate({ email: 'one@example.com', password: his }))).toBe(
      'invalid-credentials',
    );
    expect(await reasonOf(owner.trpc.auth.verifyEmail.mutate({ token: strangersLink, password: his }))).toBe('account-exists');
    expect((await new Browser(service.url).login('one@example.com', hers)).user.name).toBe('Olive');
  });

  it('gains nothing when I press his: the link alone, my cookie and my password prove nothing there', async () => {
    const { stranger, strangersLink, owner } = await bothSignUp('two@example.com');
    expect(await reasonOf(owner.trpc.auth.verifyEmail.mutate({ token: strangersLink }))).toBe('proof-required');
    expect(await reasonOf(owner.trpc.auth.verifyEmail.mutate({ token: strangersLink, password: hers }))).toBe('invalid-credentials');
    const before = await stranger.trpc.auth.registration.query();

    const { session } = await owner.trpc.auth.verifyEmail.mutate({ token: strangersLink, newPassword: hers, name: 'Olive' });
    expect(session?.user.name).toBe('Olive');
    expect(await stranger.trpc.auth.registration.query()).toEqual(before);
    expect(await reasonOf(new Browser(service.url).trpc.auth.login.mutate({ email: 'two@example.com', password: his }))).toBe(
      'invalid-credentials',
    );
    expect((await new Browser(service.url).login('two@example.com', hers)).user.name).toBe('Olive');
  });
});

/** An answer without what differs between any two: date, ids, the cookie's value. */
function comparable({ status, headers, body }: RawAnswer): string {
  const names = [...headers.entries()]
    .filter(([name]) => !['date', 'x-request-id'].includes(name))
    .map(([name, value]) => [name, name === 'set-cookie' ? value.replace(/=[\w-]{43};/, '=;') : value]);
  return JSON.stringify({ status, names, body });
}
