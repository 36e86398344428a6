import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { isLong } from '../form.ts';
import { record, type Row } from '../record.ts';
import { Browser } from '../../support/browser.ts';
import type { Capabilities } from '../../support/smtp-dialogue.ts';
import { openScriptedSmtp, type ScriptedSmtp } from '../../support/scripted-smtp.ts';
import { expiredCertificate, selfSignedCertificate } from '../../support/self-signed-certificate.ts';
import { endAllServices, eventually, healthOf, startService, temporaryFolder } from '../../support/service.ts';
import { PASSWORD } from '../../support/sign-up.ts';

const rows: Row[] = [];
afterAll(async () => {
  await record('faults of the way to the mail server', rows);
  await endAllServices();
});

async function serviceFor(smtp: ScriptedSmtp, env: Record<string, string> = {}) {
  return startService({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'no-reply@example.com', ...env } });
}

async function registerAt(url: string, email: string): Promise<void> {
  await new Browser(url).trpc.auth.register.mutate({ name: 'Ada', email, password: PASSWORD });
}

describe('F22 TLS', () => {
  /** A certificate that the service trusts, were it but good. */
  const trusted = async ({ cert }: { cert: string }) => {
    const file = join(await temporaryFolder(), 'authority.pem');
    await writeFile(file, cert);
    return { NODE_EXTRA_CA_CERTS: file };
  };
  const good = selfSignedCertificate();
  const expired = expiredCertificate();

  const ways: readonly [what: string, tls: Capabilities['tls'], env: Record<string, string> | Promise<Record<string, string>>][] = [
    ['STARTTLS not offered', undefined, {}],
    ['STARTTLS with a certificate that nobody vouches for', { ...good, mode: 'starttls' as const }, {}],
    ['STARTTLS with an expired certificate', { ...expired, mode: 'starttls' as const }, trusted(expired)],
    ['TLS from the first byte, expired', { ...expired, mode: 'implicit' as const }, trusted(expired)],
  ];
  it.each(ways.filter((_, n) => isLong || n % 3 === 0))(
    '%s: nothing is sent, the operator is told, and it is tried again',
    async (what, tls, env) => {
      const smtp = await openScriptedSmtp(tls === undefined ? {} : { tls });
      const service = await serviceFor(smtp, await env);
      await registerAt(service.url, 'ada@example.com');
      await eventually(
        () => healthOf(service.url),
        ({ checks }) => checks['mail'] === 'degraded',
      );
      const connections = smtp.connections;
      await eventually(
        async () => smtp.connections,
        (count) => count > connections,
      );
      expect(smtp.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
      expect(service.output()).toContain('The mail server refuses us or cannot be reached');
      await service.stop();
      await smtp.close();
      rows.push({ fault: 'F22', 'what was done': what, outcome: 'nothing sent, `mail` degraded, tried every 5 s' });
    },
  );

  it('a good certificate that is vouched for: sent', async () => {
    const smtp = await openScriptedSmtp({ tls: { ...good, mode: 'starttls' } });
    const service = await serviceFor(smtp, await trusted(good));
    await registerAt(service.url, 'ada@example.com');
    await eventually(
      async () => smtp.mails.length,
      (count) => count === 1,
    );
    await service.stop();
    await smtp.close();
  });
});

it('F24 a message older than its registration: dropped, never mailed', async () => {
  const smtp = await openScriptedSmtp({ script: { greeting: '421 not now' } });
  const service = await serviceFor(smtp, {
    SMTP_REQUIRE_TLS: 'false',
    REGISTRATION_MAX_AGE: '2s',
    REGISTRATION_TTL: '2s',
    PURGE_CRON: '0 0 1 1 *',
  });
  await registerAt(service.url, 'late@example.com');
  await sleep(2_500);
  smtp.follow({});
  await eventually(
    () => healthOf(service.url),
    ({ checks }) => checks['mail'] === 'ok',
  );
  await registerAt(service.url, 'fresh@example.com');
  await eventually(
    async () => smtp.mails.flatMap(({ to }) => to),
    (to) => to.includes('fresh@example.com'),
  );
  expect(smtp.mails.flatMap(({ to }) => to)).not.toContain('late@example.com');
  await service.stop();
  await smtp.close();
  rows.push({
    fault: 'F24',
    'what was done': 'the mail server back after the registration ended',
    outcome: 'dropped; the next mail leaves',
  });
});
