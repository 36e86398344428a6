import { err, ok, type Result } from './result.ts';

/** The form in which an address is unique: ASCII, lower case, the domain in punycode. */
export type CanonicalEmail = string & { readonly __brand: 'CanonicalEmail' };

/** An address that passed the policy. */
export interface EmailAddress {
  /** What mail is sent to: the NFKC form, case as typed. */
  readonly mailbox: string;
  readonly canonical: CanonicalEmail;
}

export type EmailProblem = 'malformed' | 'too-long';

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const ASCII_DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
// What may stand in a typed domain before punycode; the URL parser below would accept ports, paths and credentials.
const TYPED_DOMAIN = /^[\p{L}\p{N}\p{M}.-]+$/u;

/**
 * The one address policy. Normalises first (NFKC), then validates, then makes the canonical form:
 * validating before normalising let a look-alike `＠` through elsewhere.
 * The local part is ASCII (RFC 5321 atoms); the domain may be international. No rule about dots or plus.
 */
export function parseEmailAddress(typed: string): Result<EmailAddress, EmailProblem> {
  if (typed.length > 512) return err('too-long');
  // `trim` below would forgive line breaks at the ends.
  if (!typed.isWellFormed() || /\p{Cc}/u.test(typed)) return err('malformed');
  const mailbox = typed.normalize('NFKC').trim();

  const at = mailbox.lastIndexOf('@');
  if (at < 1) return err('malformed');
  const local = mailbox.slice(0, at);
  const domain = asciiDomain(mailbox.slice(at + 1));
  if (domain === null || !LOCAL_PART.test(local)) return err('malformed');
  if (local.length > 64 || local.length + 1 + domain.length > 254 || mailbox.length > 254) return err('too-long');

  return ok({ mailbox, canonical: `${local.toLowerCase()}@${domain}` as CanonicalEmail });
}

/** `ada@example.com` as `a***@example.com`: for logs. */
export function maskEmail(email: EmailAddress): string {
  const [local = '', domain = ''] = email.canonical.split('@');
  return `${local.slice(0, 1)}***@${domain}`;
}

function asciiDomain(typed: string): string | null {
  if (!TYPED_DOMAIN.test(typed) || !URL.canParse(`http://${typed}`)) return null;
  const { hostname } = new URL(`http://${typed}`);
  return ASCII_DOMAIN.test(hostname) ? hostname : null;
}
