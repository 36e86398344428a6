import { describe, expect, it } from 'vitest';
import { describeMailTransportContract, mailTo, type OpenMailTransport } from '../../../contracts/mail-transport.contract.ts';
import type { ScriptedSmtp, ScriptedSmtpOptions } from '../../../support/scripted-smtp.ts';
import { selfSignedCertificate } from '../../../support/self-signed-certificate.ts';
import { SmtpScene, setUpSmtp } from './smtp-scene.ts';

const certificate = selfSignedCertificate();
const auth = { user: 'sally', pass: 'hunter2/%:@' };

describeMailTransportContract('SmtpMailTransport, one command at a time,', () => openTo({ pipelining: false }));
describeMailTransportContract('SmtpMailTransport, commands in a batch,', () => openTo({ pipelining: true }));
describeMailTransportContract('SmtpMailTransport with STARTTLS and AUTH', () =>
  openTo({ tls: { ...certificate, mode: 'starttls' }, auth }),
);
describeMailTransportContract('SmtpMailTransport with smtps and AUTH', () => openTo({ tls: { ...certificate, mode: 'implicit' }, auth }));

describe('a mail on the wire', () => {
  const smtp = setUpSmtp();

  it('comes from MAIL_FROM and goes to one recipient, in the envelope and in its headers', async () => {
    await smtp.transport().send(mailTo('ada@example.com'));

    expect(smtp.server.mails).toMatchObject([{ from: 'no-reply@mail.example.org', to: ['ada@example.com'] }]);
    expect(headerOf(smtp.server, 'From')).toBe('The Fort <no-reply@mail.example.org>');
    expect(headerOf(smtp.server, 'To')).toBe('ada@example.com');
  });

  it('has a Message-ID in the domain of its sender, a date, and asks for no automatic answer', async () => {
    await smtp.transport().send(mailTo('ada@example.com', { messageId: 'id-7' }));

    expect(headerOf(smtp.server, 'Message-ID')).toBe('<id-7@mail.example.org>');
    expect(Math.abs(Date.parse(headerOf(smtp.server, 'Date') ?? '') - Date.now())).toBeLessThan(60_000);
    expect(headerOf(smtp.server, 'Auto-Submitted')).toBe('auto-generated');
    expect(headerOf(smtp.server, 'X-Auto-Response-Suppress')).toBe('All');
  });

  it('comes in the name of the application where the sender has none', async () => {
    const from = { name: '', address: 'no-reply@localhost' };
    await smtp.transport({ from, appName: 'Sallyport' }).send(mailTo('ada@example.com', { messageId: 'id-7' }));

    expect(headerOf(smtp.server, 'From')).toBe('Sallyport <no-reply@localhost>');
    expect(headerOf(smtp.server, 'Message-ID')).toBe('<id-7@localhost>');
  });

  it('names an international domain in ASCII', async () => {
    await smtp.transport().send(mailTo('ada@bücher.example'));

    expect(smtp.server.mails).toMatchObject([{ to: ['ada@xn--bcher-kva.example'] }]);
    expect(headerOf(smtp.server, 'To')).toBe('ada@xn--bcher-kva.example');
  });

  it('keeps a line break in APP_NAME out of the headers', async () => {
    await smtp
      .transport({ appName: 'Fort\r\nBcc: eve@example.net', from: { name: '', address: 'no-reply@mail.example.org' } })
      .send(mailTo('ada@example.com'));

    expect(smtp.server.mails).toMatchObject([{ to: ['ada@example.com'] }]);
    expect(headerOf(smtp.server, 'Bcc')).toBeUndefined();
  });
});

async function openTo(options: ScriptedSmtpOptions): Promise<OpenMailTransport> {
  const scene = new SmtpScene();
  await scene.serve(options);
  const arrived = () => scene.server.mails.filter(({ taken }) => taken);
  return {
    transport: scene.transport(options.tls === undefined ? {} : { requireTls: true, authority: certificate.cert }),
    taken: () => arrived().map(({ messageId, to }) => ({ messageId: messageId.replace('@mail.example.org', ''), to: to.join(', ') })),
    close: () => scene.end(),
  };
}

function headerOf({ mails }: ScriptedSmtp, name: string): string | undefined {
  const head = mails[0]?.raw.split('\r\n\r\n', 1)[0] ?? '';
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head.replace(/\r\n[ \t]/g, ' '))?.[1];
}
