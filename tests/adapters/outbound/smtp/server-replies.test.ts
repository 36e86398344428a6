import { describe, expect, it } from 'vitest';
import { mailTo } from '../../../contracts/mail-transport.contract.ts';
import type { Script } from '../../../support/scripted-smtp.ts';
import { setUpSmtp } from './smtp-scene.ts';

const smtp = setUpSmtp();

describe('what the server says', () => {
  it.each<[string, Script, string, string]>([
    ['a 4xx to RCPT', { RCPT: '451 4.3.0 ada@example.com: later' }, 'deferred', '451 4.3.0 at RCPT TO (EENVELOPE)'],
    ['a 4xx to RCPT without an enhanced code', { RCPT: '450 later' }, 'deferred', '450 at RCPT TO (EENVELOPE)'],
    ['a 421 to RCPT', { RCPT: '421 4.7.0 slow down' }, 'deferred', '421 4.7.0 at RCPT TO (EENVELOPE)'],
    ['an unknown mailbox at RCPT', { RCPT: '550 5.1.1 <ada@example.com> nobody' }, 'refused', '550 5.1.1 at RCPT TO (EENVELOPE)'],
    ['a full mailbox at RCPT', { RCPT: '552 5.2.2 full' }, 'refused', '552 5.2.2 at RCPT TO (EENVELOPE)'],
    ['a 5xx to RCPT without an enhanced code', { RCPT: '550 no' }, 'refused', '550 at RCPT TO (EENVELOPE)'],
    ['a refusal in several lines', { RCPT: '550-5.1.1 nobody\r\n550 5.1.1 here' }, 'refused', '550 5.1.1 at RCPT TO (EENVELOPE)'],
    ['a relay refused at RCPT', { RCPT: '554 5.7.1 relay denied' }, 'deferred', '554 5.7.1 at RCPT TO (EENVELOPE)'],
    ['a quota at RCPT', { RCPT: '550 5.4.5 daily quota' }, 'deferred', '550 5.4.5 at RCPT TO (EENVELOPE)'],
    ['a code that only begins like 5.1', { RCPT: '550 5.10.1 odd' }, 'deferred', '550 5.10.1 at RCPT TO (EENVELOPE)'],
    ['a 4xx to DATA', { DATA: '451 4.3.0 later' }, 'deferred', '451 4.3.0 at DATA (EENVELOPE)'],
    ['a 5xx to DATA without an enhanced code', { DATA: '554 no' }, 'refused', '554 at DATA (EENVELOPE)'],
    ['a policy at DATA', { DATA: '554 5.7.1 no' }, 'deferred', '554 5.7.1 at DATA (EENVELOPE)'],
    ['a 4xx to the mail', { content: '452 4.2.2 later' }, 'deferred', '452 4.2.2 at DATA (EMESSAGE)'],
    ['a refused address after the mail', { content: '550 5.1.1 nobody' }, 'refused', '550 5.1.1 at DATA (EMESSAGE)'],
    ['a 5xx to the mail without an enhanced code', { content: '554 no' }, 'refused', '554 at DATA (EMESSAGE)'],
    ['a sandbox after the mail', { content: '554 5.7.1 not verified' }, 'deferred', '554 5.7.1 at DATA (EMESSAGE)'],
    ['a 4xx to MAIL FROM', { MAIL: '451 4.3.0 later' }, 'transport-fault', '451 4.3.0 at MAIL FROM (EENVELOPE)'],
    ['a 5xx to MAIL FROM', { MAIL: '550 5.1.0 sender unknown' }, 'transport-fault', '550 5.1.0 at MAIL FROM (EENVELOPE)'],
    ['a 4xx greeting', { greeting: '421 4.3.2 busy' }, 'transport-fault', '421 4.3.2 at CONN (EPROTOCOL)'],
    ['a 5xx greeting', { greeting: '554 5.7.1 blocked' }, 'transport-fault', '554 5.7.1 at CONN (EPROTOCOL)'],
    ['a 4xx to EHLO', { EHLO: '421 4.3.2 busy' }, 'transport-fault', '421 4.3.2 at EHLO (ECONNECTION)'],
    ['a 5xx to EHLO and HELO', { EHLO: '550 5.7.1 no' }, 'transport-fault', '502 5.5.1 at HELO (EPROTOCOL)'],
  ])('%s: %s', async (_what, script, kind, why) => {
    smtp.server.follow(script);
    expect(await smtp.transport().send(mailTo('ada@example.com'))).toEqual({ kind, why });
  });

  it.each<[string, Script, string]>([
    ['an unknown mailbox', { RCPT: '550 5.1.1 nobody' }, 'refused'],
    ['a greylisted mailbox', { RCPT: '450 4.2.0 later' }, 'deferred'],
    ['a refused sender', { MAIL: '550 5.1.0 no' }, 'transport-fault'],
    ['a policy at DATA', { DATA: '554 5.7.1 no' }, 'deferred'],
    // With the replies of a whole batch outstanding, nodemailer keeps the 421 and forgets what it was said to.
    ['a farewell at RCPT', { RCPT: '421 4.7.0 too many' }, 'unanswered'],
  ])('means the same when commands come in a batch: %s', async (_what, script, kind) => {
    await smtp.serve({ pipelining: true, script });
    expect(await smtp.transport().send(mailTo('ada@example.com'))).toMatchObject({ kind });
  });

  it('means the same on a connection that has sent mails before', async () => {
    const transport = smtp.transport({ maxConnections: 1 });
    await transport.send(mailTo('ada@example.com'));

    smtp.server.follow({ RCPT: '550 5.1.1 nobody' });
    expect(await transport.send(mailTo('ada@example.com'))).toMatchObject({ kind: 'refused' });
    smtp.server.follow({});
    expect(await transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'accepted' });
    expect(smtp.server.connections).toBe(1);
  });
});
