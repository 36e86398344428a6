import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Letter, Mail, MailTransport } from '#application/ports/mail-transport.ts';
import { type CanonicalEmail, type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';

export interface OpenMailTransport {
  readonly transport: MailTransport;
  /** What the mail server has taken on, oldest first: ids without brackets or domain, and recipients. */
  taken(): { messageId: string; to: string }[];
  close(): Promise<void>;
}

/** What every MailTransport promises while its server is willing. `open` returns one that has sent nothing. */
export function describeMailTransportContract(adapter: string, open: () => Promise<OpenMailTransport>): void {
  describe(`${adapter} keeps the contract of MailTransport`, () => {
    let opened: OpenMailTransport;

    beforeEach(async () => {
      opened = await open();
    });

    afterEach(async () => {
      await opened.close();
    });

    it('hands a mail to its one recipient, case as typed', async () => {
      const delivery = await opened.transport.send(mailTo('Ada.Lovelace@example.com'));

      expect(delivery).toEqual({ kind: 'accepted' });
      expect(opened.taken()).toEqual([{ messageId: 'mail-1', to: 'Ada.Lovelace@example.com' }]);
    });

    it('takes every kind of letter', async () => {
      for (const letter of LETTERS) {
        expect(await opened.transport.send(mailTo('ada@example.com', { letter }))).toEqual({ kind: 'accepted' });
      }
      expect(opened.taken()).toHaveLength(LETTERS.length);
    });

    it('gives a mail the same id at every try', async () => {
      const mail = mailTo('ada@example.com', { messageId: 'same-again' });
      await opened.transport.send(mail);
      await opened.transport.send(mail);

      expect(opened.taken().map(({ messageId }) => messageId)).toEqual(['same-again', 'same-again']);
    });

    it('keeps mails that are sent at once apart', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `mail-${index}`);
      const deliveries = await Promise.all(
        ids.map((messageId) => opened.transport.send(mailTo(`${messageId}@example.com`, { messageId }))),
      );

      expect(deliveries).toEqual(ids.map(() => ({ kind: 'accepted' })));
      expect(opened.taken().toSorted(byId)).toEqual(ids.map((messageId) => ({ messageId, to: `${messageId}@example.com` })).toSorted(byId));
    });

    it.each(POISONED)('refuses $what, puts nothing on the wire and does not repeat it', async ({ to }) => {
      const delivery = await opened.transport.send({ ...mailTo('ada@example.com'), to });

      expect(delivery).toEqual({ kind: 'refused', why: expect.any(String) });
      expect('why' in delivery && delivery.why).not.toContain('@');
      expect(opened.taken()).toEqual([]);
    });

    it('takes the next mail after a poisoned one', async () => {
      for (const { to } of POISONED) await opened.transport.send({ ...mailTo('ada@example.com'), to });

      expect(await opened.transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'accepted' });
      expect(opened.taken()).toHaveLength(1);
    });

    it('says on a probe that the server lets us in, and sends nothing', async () => {
      expect(await opened.transport.probe()).toBe(true);
      expect(opened.taken()).toEqual([]);
    });
  });
}

/** A mail as a worker hands it over; by default a confirmation with the id `mail-1`. */
export function mailTo(
  address: string,
  { messageId = 'mail-1', letter = LETTERS[0] }: Partial<Pick<Mail, 'messageId' | 'letter'>> = {},
): Mail {
  const to = parseEmailAddress(address);
  if (!to.ok) throw new Error(`${address} is ${to.error}`);
  return { messageId, to: to.value, letter };
}

const LETTERS: readonly [Letter, ...Letter[]] = [
  {
    kind: 'confirm-address',
    link: 'https://app.example.com/verify#token=abc.def',
    disownLink: 'https://app.example.com/verify#disown=abc.def',
    livesMs: 1_800_000,
  },
  { kind: 'account-exists', signInUrl: 'https://app.example.com/sign-in' },
  { kind: 'session-ended', noticedAt: new Date('2026-03-03T10:15:00Z') },
];

function byId(a: { messageId: string }, b: { messageId: string }): number {
  return a.messageId.localeCompare(b.messageId);
}

function address(mailbox: string, canonical = 'ada@example.com'): EmailAddress {
  return { mailbox, canonical: canonical as CanonicalEmail };
}

/** Addresses that no parser of ours made, as a damaged or hostile row would hold them. */
const POISONED: readonly { what: string; to: EmailAddress }[] = [
  { what: 'a header after the address', to: address('ada@example.com\r\nBcc: eve@example.net') },
  { what: 'a line break at the end', to: address('ada@example.com\r\n') },
  { what: 'two addresses', to: address('ada@example.com, eve@example.net') },
  { what: 'a group', to: address('friends: ada@example.com, eve@example.net;') },
  { what: 'another address behind a name', to: address('"ada@example.com" <eve@example.net>') },
  { what: 'SMTP parameters', to: address('ada@example.com> NOTIFY=SUCCESS') },
  { what: 'a bare local part', to: address('root') },
  { what: 'nothing', to: address('') },
  { what: 'a huge address', to: address(`${'a'.repeat(100_000)}@example.com`) },
  { what: 'a mailbox other than the address it stands for', to: address('eve@example.net') },
];
