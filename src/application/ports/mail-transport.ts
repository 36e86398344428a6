import type { EmailAddress } from '#domain/email-address.ts';

/** What a mail says. It holds nothing that a requester typed. Durations in milliseconds. */
export type Letter =
  | { readonly kind: 'confirm-address'; readonly link: string; readonly disownLink: string; readonly livesMs: number }
  | { readonly kind: 'account-exists'; readonly signInUrl: string }
  | { readonly kind: 'session-ended'; readonly noticedAt: Date };

export interface Mail {
  /** The local part of the Message-ID: the same for every try, so that a mailbox can tell a copy. */
  readonly messageId: string;
  readonly to: EmailAddress;
  readonly letter: Letter;
}

/** What the mail server said of one mail. */
export type Delivery =
  /** It has taken the mail on. */
  | { readonly kind: 'accepted' }
  /** It refused this mail for now, or for a reason that may pass: 4xx at RCPT or DATA, or a 5xx about relay, quota or policy. */
  | { readonly kind: 'deferred'; readonly why: string }
  /** It refused this mail for good: 5xx to RCPT or DATA with enhanced code 5.1.x or 5.2.x or none, or an address that must not go on the wire. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It did not answer: a stall or a drop. Whether the mail or the transport is at fault, only `probe` can tell. */
  | { readonly kind: 'unanswered'; readonly why: string }
  /** It refused us, not the mail: connection, TLS, AUTH or MAIL FROM. */
  | { readonly kind: 'transport-fault'; readonly why: string };

/** Hands mails to a mail server. */
export interface MailTransport {
  /** Tries once, within the transport's deadline. Never throws for what a server says or fails to say. */
  send(mail: Mail): Promise<Delivery>;

  /** Whether the server can be reached and lets us in (connect, TLS, AUTH), within a deadline of its own. Sends nothing, never throws. */
  probe(): Promise<boolean>;
}
