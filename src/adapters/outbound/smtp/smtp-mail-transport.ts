import type { SendMailOptions } from 'nodemailer';
import type { Delivery, Mail, MailTransport } from '#application/ports/mail-transport.ts';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import { judgeFailure } from './judge-failure.ts';
import { renderLetter } from './letters/render-letter.ts';

/** Whom mails come from. An empty name is replaced by the application's. */
export interface Sender {
  readonly name: string;
  /** ASCII, checked by whoever configures it. */
  readonly address: string;
}

export interface SmtpMailTransportDeps {
  /** Hands a mail over and gives its connection up when the mail's `signal` fires, as nodemailer's pool does. */
  readonly transporter: { sendMail(mail: SendMailOptions): Promise<unknown> };
  /** Connects and authenticates apart from the pool, whose connections may be stalled. Rejects if that fails. */
  readonly logIn: (signal: AbortSignal) => Promise<void>;
  readonly from: Sender;
  readonly appName: string;
  readonly sendDeadlineMs: number;
  readonly probeDeadlineMs: number;
}

/** Hands mails to a mail server by SMTP. */
export class SmtpMailTransport implements MailTransport {
  readonly #deps: SmtpMailTransportDeps;

  constructor(deps: SmtpMailTransportDeps) {
    this.#deps = deps;
  }

  async send(mail: Mail): Promise<Delivery> {
    // Once more at the last moment: what was stored may not be what was checked, and nodemailer reads lists and groups into an address.
    if (!isSound(mail.to)) return { kind: 'refused', why: 'the address must not go on the wire' };
    const message = this.#toMessage(mail);

    try {
      // The socket's timeouts see only silence; this also ends a server that trickles, and frees its place in the pool.
      await this.#deps.transporter.sendMail({ ...message, signal: AbortSignal.timeout(this.#deps.sendDeadlineMs) });
      return { kind: 'accepted' };
    } catch (error) {
      const failure = judgeFailure(error);
      if (failure === null) throw error;
      return failure;
    }
  }

  async probe(): Promise<boolean> {
    try {
      await this.#deps.logIn(AbortSignal.timeout(this.#deps.probeDeadlineMs));
      return true;
    } catch {
      return false;
    }
  }

  #toMessage({ messageId, to, letter }: Mail): SendMailOptions {
    const { from, appName } = this.#deps;
    const recipient = { name: '', address: to.mailbox };
    return {
      ...renderLetter(letter, { appName }),
      from: { name: from.name || appName, address: from.address },
      to: recipient,
      envelope: { from: { name: '', address: from.address }, to: [recipient] },
      messageId: `<${messageId}@${domainOf(from)}>`,
      // RFC 3834, and what Exchange goes by: no out-of-office note in return.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }
}

function isSound(to: EmailAddress): boolean {
  const parsed = parseEmailAddress(to.mailbox);
  return parsed.ok && parsed.value.mailbox === to.mailbox && parsed.value.canonical === to.canonical;
}

function domainOf({ address }: Sender): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
