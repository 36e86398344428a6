import { describe, expect, it } from 'vitest';
import { mailTo } from '../../../contracts/mail-transport.contract.ts';
import type { Script } from '../../../support/scripted-smtp.ts';
import { QUICK, setUpSmtp } from './smtp-scene.ts';

const smtp = setUpSmtp();

describe('a probe', () => {
  it.each<[string, Script]>([
    ['a stall at the greeting', { greeting: 'stall' }],
    ['a stall at EHLO', { EHLO: 'stall' }],
    ['a trickle at EHLO', { EHLO: 'trickle' }],
    ['a drop at the greeting', { greeting: 'drop' }],
    ['a drop at EHLO', { EHLO: 'drop' }],
    ['a refusing greeting', { greeting: '554 5.7.1 blocked' }],
  ])('says no to %s within its deadline and leaves no connection', async (_what, script) => {
    smtp.server.follow(script);
    const before = performance.now();

    expect(await smtp.transport().probe()).toBe(false);
    expect(performance.now() - before).toBeLessThan(QUICK.probeMs + 300);
    await smtp.server.deserted();
  });

  it('says yes while every connection of the pool stalls over a mail', async () => {
    smtp.server.follow({ RCPT: 'stall' });
    const transport = smtp.transport({ maxConnections: 1 });
    const reached = smtp.server.reached('RCPT');
    const stalled = transport.send(mailTo('ada@example.com'));
    await reached;

    expect(await transport.probe()).toBe(true);
    expect(smtp.server.connections).toBe(2);
    expect(await stalled).toMatchObject({ kind: 'unanswered' });
  });

  it('takes its leave even if the server does not', async () => {
    smtp.server.follow({ QUIT: 'stall' });
    expect(await smtp.transport().probe()).toBe(true);
    await smtp.server.deserted();
    expect(smtp.verbs()).toEqual(['EHLO', 'QUIT']);
  });
});
