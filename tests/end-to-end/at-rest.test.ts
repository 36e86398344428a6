import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Browser } from '../support/browser.ts';
import { tokenFor } from '../support/inbox.ts';
import { endAllServices, startService } from '../support/service.ts';
import { PASSWORD, signedUp } from '../support/sign-up.ts';

afterAll(endAllServices);

it('the database on disk holds no password, no mailed secret and no token, while it holds the addresses', async () => {
  const service = await startService();
  const { url } = service;
  const waiting = new Browser(url);
  await waiting.trpc.auth.register.mutate({ name: 'Bert', email: 'bert@example.com', password: PASSWORD });
  const token = await tokenFor(url, 'bert@example.com');
  const ada = await signedUp(url, 'ada@example.com');
  await ada.trpc.auth.refresh.mutate();

  const secrets = {
    password: PASSWORD,
    'mailed secret': token.split('.')[1],
    'registration cookie': await waiting.cookie('registration'),
    'refresh token': (await ada.cookie('refresh'))?.split('.')[2],
    'device token': (await ada.cookie('device'))?.split('.')[2],
    'access token': ada.accessToken,
  };
  const folder = join(service.folder, 'data');
  const files = (await readdir(folder)).filter((name) => name.startsWith('sallyport.db'));
  const kept = Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));

  // What must be there is: the search looks at the right bytes.
  for (const address of ['ada@example.com', 'bert@example.com', '$argon2id$']) expect(kept.includes(address), address).toBe(true);
  for (const [name, secret] of Object.entries(secrets)) {
    expect(secret?.length, name).toBeGreaterThan(20);
    for (const form of [Buffer.from(secret ?? ''), Buffer.from(secret ?? '', 'base64url')]) expect(kept.includes(form), name).toBe(false);
  }
});
