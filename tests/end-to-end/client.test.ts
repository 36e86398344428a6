import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openBrowser } from '../client/support/browser.ts';
import { tokenFor } from '../support/inbox.ts';
import { type RunningService, startService } from '../support/service.ts';
import { fieldErrors, reasonOf, type SallyportClient } from '#client/entry.ts';
import { createVerifier } from '#verifier/entry.ts';

let service: RunningService;
const browser = openBrowser();

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  browser.close();
  await service.stop();
});

const openTab = () => browser.openTab(`${service.url}/trpc`);
const reaches = (tab: SallyportClient, state: string) => vi.waitFor(() => expect(tab.session.state()).toBe(state), 2000);

it('the client and the verifier walk through the real door', async () => {
  const [tab, other] = [openTab(), openTab()];
  other.session.subscribe(() => undefined);
  expect(await tab.session.accessToken()).toBeNull();

  const refusal: unknown = await tab.trpc.auth.register.mutate({ name: '', email: 'x', password: 'y' }).catch((error: unknown) => error);
  expect([reasonOf(refusal), fieldErrors(refusal)]).toEqual(['invalid-input', { name: 'empty', email: 'malformed' }]);

  await tab.trpc.auth.register.mutate({ name: 'Ada', email: 'ada@example.com', password: 'correct horse battery staple' });
  const token = await tokenFor(service.url, 'ada@example.com');
  await tab.trpc.auth.verifyEmail.mutate({ token });
  await reaches(other, 'signed-in');
  expect(await other.trpc.auth.me.query()).toMatchObject({ id: tab.session.userId(), name: 'Ada', email: 'ada@example.com' });

  // A page opened later has nothing but the cookie.
  const later = openTab();
  const verifier = createVerifier({ issuer: service.url });
  expect(await verifier.verify(await later.session.accessToken())).toMatchObject({ ok: true, value: { userId: tab.session.userId() } });

  await later.trpc.auth.logout.mutate();
  await Promise.all([reaches(tab, 'signed-out'), reaches(other, 'signed-out')]);
  expect(await openTab().session.accessToken()).toBeNull();
});
