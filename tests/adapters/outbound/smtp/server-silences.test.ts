import { describe, expect, it } from 'vitest';
import { mailTo } from '../../../contracts/mail-transport.contract.ts';
import { QUICK, setUpSmtp } from './smtp-scene.ts';

const smtp = setUpSmtp();

describe('what the server fails to say', () => {
  const silences = (['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'content'] as const).flatMap((step) =>
    (['stall', 'drop'] as const).map((act) => ({ step, act })),
  );

  it.each(silences)('a $act at $step leaves a mail unanswered', async ({ step, act }) => {
    smtp.server.follow({ [step]: act });
    const delivery = await smtp.transport().send(mailTo('ada@example.com'));

    expect(delivery).toEqual({ kind: 'unanswered', why: expect.stringMatching(/^no reply( at \w+)? \(\w+\)$/) });
  });

  it.each(['stall', 'drop'] as const)('a %s after the mail has arrived sends it once only', async (act) => {
    smtp.server.follow({ content: act });
    await smtp.transport().send(mailTo('ada@example.com', { messageId: 'once' }));

    expect(smtp.server.messageIds).toEqual(['once@mail.example.org']);
  });

  it.each(['stall', 'drop'] as const)('a %s on a connection that has sent before is not tried again behind our back', async (act) => {
    const transport = smtp.transport({ maxConnections: 1 });
    await transport.send(mailTo('ada@example.com'));

    smtp.server.follow({ RCPT: act });
    expect(await transport.send(mailTo('ada@example.com'))).toMatchObject({ kind: 'unanswered' });
    expect(smtp.verbs().filter((verb) => verb === 'RCPT')).toHaveLength(2);
  });

  it('a trickle ends with the deadline of the send, and its connection with it', async () => {
    smtp.server.follow({ RCPT: 'trickle' });
    const transport = smtp.transport({ deadlines: { ...QUICK, sendMs: 400 } });

    const before = performance.now();
    expect(await transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'unanswered', why: 'no reply (EABORT)' });
    expect(performance.now() - before).toBeLessThan(800);
    await smtp.server.deserted();
  });

  it.each(['greeting', 'RCPT', 'content'] as const)('stalls at %s exhaust nothing: the next mail goes out at once', async (step) => {
    smtp.server.follow({ [step]: 'stall' });
    const transport = smtp.transport({
      maxConnections: 2,
      deadlines: { ...QUICK, greetingMs: 5_000, connectMs: 5_000, silenceMs: 5_000, sendMs: 200 },
    });
    const stalled = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((messageId) => transport.send(mailTo('ada@example.com', { messageId }))),
    );
    expect(stalled.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'unanswered'));

    smtp.server.follow({});
    expect(await transport.send(mailTo('good@example.com', { messageId: 'good' }))).toEqual({ kind: 'accepted' });
    expect(smtp.server.messageIds.at(-1)).toBe('good@mail.example.org');
  });

  it('a stall over one recipient leaves the others alone', async () => {
    smtp.server.follow({ RCPT: (line) => (line.includes('slow@') ? 'stall' : undefined) });
    const transport = smtp.transport({ maxConnections: 2 });

    const slow = transport.send(mailTo('slow@example.com'));
    const others = await Promise.all(Array.from({ length: 10 }, (_, index) => transport.send(mailTo(`good-${index}@example.com`))));

    expect(others.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(await slow).toMatchObject({ kind: 'unanswered' });
  });

  it('a server that is not there refuses us, and serves again once it is back', async () => {
    const transport = smtp.transport();
    const { port } = smtp.server;
    await smtp.server.close();
    expect(await transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'transport-fault', why: 'no reply at CONN (ECONNREFUSED)' });
    expect(await transport.probe()).toBe(false);

    await smtp.serve({ port });
    expect(await transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'accepted' });
  });

  it('a host that has no address refuses us', async () => {
    const transport = smtp.transport({ url: 'smtp://nowhere.invalid', deadlines: { ...QUICK, connectMs: 5_000, sendMs: 10_000 } });
    expect(await transport.send(mailTo('ada@example.com'))).toMatchObject({ kind: 'transport-fault' });
  });
});
