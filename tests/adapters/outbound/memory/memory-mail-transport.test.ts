import { describe, expect, it } from 'vitest';
import { MemoryMailTransport } from '#adapters/outbound/memory/memory-mail-transport.ts';
import type { Delivery } from '#application/ports/mail-transport.ts';
import { describeMailTransportContract, mailTo } from '../../../contracts/mail-transport.contract.ts';

describeMailTransportContract('MemoryMailTransport', async () => {
  const transport = new MemoryMailTransport();
  return {
    transport,
    taken: () => transport.taken.map(({ messageId, to }) => ({ messageId, to: to.mailbox })),
    close: async () => {},
  };
});

describe('MemoryMailTransport', () => {
  it('answers as it was told, in order, and then accepts again', async () => {
    const transport = new MemoryMailTransport();
    transport.answerNext({ kind: 'deferred', why: '451' }, { kind: 'refused', why: '550 5.1.1' });

    const kinds: string[] = [];
    for (const messageId of ['a', 'b', 'c']) kinds.push((await transport.send(mailTo('ada@example.com', { messageId }))).kind);

    expect(kinds).toEqual(['deferred', 'refused', 'accepted']);
    expect(transport.attempts.map(({ messageId }) => messageId)).toEqual(['a', 'b', 'c']);
    expect(transport.taken.map(({ messageId }) => messageId)).toEqual(['c']);
  });

  it('keeps a send waiting for a promised answer', async () => {
    const transport = new MemoryMailTransport();
    let answer: (delivery: Delivery) => void = () => {};
    transport.answerNext(new Promise((resolve) => (answer = resolve)));

    const delivery = transport.send(mailTo('ada@example.com'));
    expect(transport.attempts).toHaveLength(1);
    expect(transport.taken).toEqual([]);

    answer({ kind: 'accepted' });
    await delivery;
    expect(transport.taken).toHaveLength(1);
  });

  it('answers probes as it was told', async () => {
    const transport = new MemoryMailTransport();
    transport.setReachable(false);
    expect(await transport.probe()).toBe(false);

    transport.setReachable(true);
    expect(await transport.probe()).toBe(true);
  });

  it('keeps mails apart from the objects that it was given and gives out', async () => {
    const transport = new MemoryMailTransport();
    const mail = structuredClone(mailTo('ada@example.com'));
    await transport.send(mail);

    Object.assign(mail, { messageId: 'changed' });
    Object.assign(transport.taken[0] ?? {}, { messageId: 'changed' });

    expect(transport.taken.map(({ messageId }) => messageId)).toEqual(['mail-1']);
  });
});
