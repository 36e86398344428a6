import { type EmailAddress, parseEmailAddress } from './email-address.ts';
import type { RegistrationId, SessionId, UserId } from './ids.ts';

/**
 * What somebody wants mailed. It holds no secret and no decision: the worker checks it against reality before it acts.
 * The first two are caused by strangers, so they name the address for the mail cap, which is taken before anything is looked up.
 */
export type MailIntent =
  | { readonly kind: 'registration'; readonly registrationId: RegistrationId; readonly email: EmailAddress; readonly network: string }
  | { readonly kind: 'address'; readonly email: EmailAddress; readonly network: string }
  | { readonly kind: 'refresh-reuse'; readonly sessionId: SessionId; readonly userId: UserId; readonly noticedAt: Date };

/** An intent as it comes from storage; `null` for anything that is none. The address is judged again, for it goes on the wire. */
export function parseMailIntent(stored: unknown): MailIntent | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const fields: Record<string, unknown> = { ...stored };
  switch (fields.kind) {
    case 'registration':
    case 'address':
      return parseStrangersIntent(fields);
    case 'refresh-reuse':
      return parseReuseNotice(fields);
    default:
      return null;
  }
}

function parseStrangersIntent({ kind, registrationId, email, network }: Record<string, unknown>): MailIntent | null {
  const address = parseStoredAddress(email);
  if (address === null || typeof network !== 'string') return null;
  if (kind === 'address') return { kind, email: address, network };
  return isId(registrationId) ? { kind: 'registration', registrationId: registrationId as RegistrationId, email: address, network } : null;
}

function parseReuseNotice({ sessionId, userId, noticedAt }: Record<string, unknown>): MailIntent | null {
  const time = noticedAt instanceof Date || typeof noticedAt === 'string' ? new Date(noticedAt) : null;
  if (!isId(sessionId) || !isId(userId) || time === null || Number.isNaN(time.getTime())) return null;
  return { kind: 'refresh-reuse', sessionId: sessionId as SessionId, userId: userId as UserId, noticedAt: time };
}

function parseStoredAddress(stored: unknown): EmailAddress | null {
  const { mailbox, canonical }: Record<string, unknown> = typeof stored === 'object' && stored !== null ? { ...stored } : {};
  if (typeof mailbox !== 'string') return null;
  const parsed = parseEmailAddress(mailbox);
  return parsed.ok && parsed.value.canonical === canonical && parsed.value.mailbox === mailbox ? parsed.value : null;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 128;
}
