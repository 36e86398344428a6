import { describe, expect, it } from 'vitest';
import { openSmtpMailTransport } from '#adapters/outbound/smtp/open-smtp-mail-transport.ts';
import { mailTo } from '../../../contracts/mail-transport.contract.ts';
import { setUpSmtp } from './smtp-scene.ts';

const smtp = setUpSmtp();

describe('openSmtpMailTransport', () => {
  it.each(['', 'mail.example.com', 'http://mail.example.com', 'smtp://sally:canary@mail.example.com/?tls.rejectUnauthorized=false'])(
    'refuses %j as a mail server and does not repeat it',
    (url) => {
      const opening = () => smtp.transport({ url });
      expect(opening).toThrow(TypeError);
      expect(opening).not.toThrow(/canary|example/);
    },
  );

  it('can be closed twice, lets a mail under way come to its end, and leaves no connection', async () => {
    const opened = openSmtpMailTransport(smtp.settings());
    const reached = smtp.server.reached('RCPT');
    const delivery = opened.transport.send(mailTo('ada@example.com'));
    await reached;

    opened.close();
    opened.close();
    expect(await delivery).toEqual({ kind: 'accepted' });
    await smtp.server.deserted();
  });

  it('opens no more connections than it may', async () => {
    const transport = smtp.transport({ maxConnections: 3 });
    await Promise.all(Array.from({ length: 50 }, () => transport.send(mailTo('ada@example.com'))));

    expect(smtp.server.connections).toBe(3);
  });
});
