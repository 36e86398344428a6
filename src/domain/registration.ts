import type { CanonicalEmail, EmailAddress } from './email-address.ts';
import type { PasswordHash, RegistrationId, SecretHash } from './ids.ts';
import type { PersonName } from './person-name.ts';

/** What became of the mail that a registration last asked for. */
export type MailState = 'queued' | 'sent' | 'held' | 'failed';

/**
 * One attempt to sign up: its own password, browser and lifetime. It never becomes a user; confirming it makes one.
 * It lives to its own end whatever happens elsewhere, so that nobody's attempt can touch or observe another's.
 */
export interface Registration {
  readonly id: RegistrationId;
  /** The first registration of a chain of changed addresses: resends are counted against it. Its own id for most. */
  readonly rootId: RegistrationId;
  readonly name: PersonName;
  readonly email: EmailAddress;
  readonly passwordHash: PasswordHash;
  /** Of the `registration` cookie. */
  readonly browserHash: SecretHash;
  readonly link: LinkSecret;
  readonly mail: MailState;
  /** When a mail was last asked for by the registration's own browser. */
  readonly mailRequestedAt: Date;
  readonly createdAt: Date;
  /** The last moment that no resend can move. */
  readonly endsAt: Date;
  /** `endsAt` until a mail has left, then the end of that mail's clock. Dead at this very instant. */
  readonly expiresAt: Date;
  /** Set once, never cleared: ended before its time. */
  readonly endedAt: Date | null;
  /** Set once, never cleared: the mailbox's owner wants no more mail for it. It lives on, and its browser sees no difference. */
  readonly disownedAt: Date | null;
}

/** All that is kept of a mailed link's secret; with its key the secret can be derived again. */
export interface LinkSecret {
  readonly keyId: string;
  readonly nonce: string;
  readonly secretHash: SecretHash;
}

/** How to find a registration that still lives. */
export type RegistrationLookup =
  | { readonly id: RegistrationId }
  | { readonly browserHash: SecretHash }
  /** The newest of the address that nobody disowned. */
  | { readonly email: CanonicalEmail };

export function isLive(registration: Pick<Registration, 'endedAt' | 'expiresAt'>, now: Date): boolean {
  return registration.endedAt === null && registration.expiresAt > now;
}

/** The end of the clock that a mail sent at `sentAt` starts. */
export function clockEnd(registration: Pick<Registration, 'endsAt'>, sentAt: Date, ttlMs: number): Date {
  return new Date(Math.min(sentAt.getTime() + ttlMs, registration.endsAt.getTime()));
}

export function resendAvailableAt(registration: Pick<Registration, 'mailRequestedAt'>, cooldownMs: number): Date {
  return new Date(registration.mailRequestedAt.getTime() + cooldownMs);
}
