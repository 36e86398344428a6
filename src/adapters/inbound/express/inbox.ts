/** A mail that the embedded mail server caught. */
export interface InboxMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly receivedAt: Date;
}

export interface Inbox {
  /** Newest first. */
  list(): readonly InboxMail[];
}
