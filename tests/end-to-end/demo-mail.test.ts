import { afterEach, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../support/chromium.ts';
import { type Demo, heading, openDemo, signUp } from '../support/demo.ts';
import { openScriptedSmtp, type ScriptedSmtp } from '../support/scripted-smtp.ts';
import { endAllServices } from '../support/service.ts';

const SMTP = { SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'door@example.com' };

describe.skipIf(chromiumAbsent)('the demo tells how the mail stands', () => {
  let demo: Demo | undefined;
  let server: ScriptedSmtp | undefined;

  afterEach(async () => {
    await demo?.close();
    await server?.close();
    await endAllServices();
    [demo, server] = [undefined, undefined];
  });

  it('on its way out while the mail server does not take it, and handed over once it has', async () => {
    server = await openScriptedSmtp({ script: { MAIL: '451 4.3.0 not now' } });
    demo = await openDemo({ ...SMTP, SMTP_URL: server.url });
    const page = await signUp(await demo.profile(), demo.url, 'queued@example.com');
    await page.getByText('On its way out').waitFor();
    expect(await page.getByRole('timer').count()).toBe(0);
    expect(await page.getByText('Open its inbox').count()).toBe(0);
    server.follow({});
    await page.getByText('Handed over', { exact: true }).waitFor();
    await page.getByRole('timer').waitFor();
  });

  it('refused, with the address to change at hand', async () => {
    server = await openScriptedSmtp({ script: { RCPT: '550 5.1.1 nobody here' } });
    demo = await openDemo({ ...SMTP, SMTP_URL: server.url });
    const page = await signUp(await demo.profile(), demo.url, 'nobody@example.com');
    await page.getByText('Refused', { exact: true }).waitFor();
    await page.getByLabel('The right address').waitFor();
  });

  it('held back when the address has had its share of mails', async () => {
    demo = await openDemo({ LIMIT_MAIL_PER_ADDRESS: '1/1d' });
    await signUp(await demo.profile(), demo.url, 'much@example.com');
    await demo.links('much@example.com');
    const page = await signUp(await demo.profile(), demo.url, 'much@example.com');
    await page.getByText('Held back', { exact: true }).waitFor();
    await heading(page, 'Check your inbox');
  });
});
