import type { EmailAddress } from './email-address.ts';

/** Why a new password is refused (NIST SP 800-63B 3.1.1.2: length and a blocklist, no composition rules). */
export type PasswordProblem = 'too-short' | 'too-common' | 'context-word';

/** Passwords are used as typed: no trimming, folding or truncation. Counted in code points. */
const PASSWORD_MAX_CODE_POINTS = 256;

/** True for a string that may be hashed: well-formed (a lone surrogate hashes like U+FFFD) and not longer than the cap. */
export function isHashablePassword(password: string): boolean {
  return password.length <= 2 * PASSWORD_MAX_CODE_POINTS && password.isWellFormed() && [...password].length <= PASSWORD_MAX_CODE_POINTS;
}

export interface PasswordContext {
  readonly minLength: number;
  readonly appName: string;
  readonly email: EmailAddress;
  readonly name: string;
  readonly isCommon: (password: string) => boolean;
}

/** What is wrong with a password that somebody wants to set, or `null`. The whole password is compared, never a part of it. */
export function findPasswordProblem(password: string, context: PasswordContext): PasswordProblem | null {
  if ([...password].length < context.minLength) return 'too-short';
  if (contextWords(context).has(fold(password))) return 'context-word';
  if (context.isCommon(password)) return 'too-common';
  return null;
}

function contextWords({ appName, email, name }: PasswordContext): Set<string> {
  const [local = '', domain = ''] = email.canonical.split('@');
  const words = [appName, email.mailbox, email.canonical, local, domain, domain.split('.')[0] ?? '', name, 'sallyport'];
  return new Set(words.map(fold).flatMap(withDerivatives));
}

/** The word itself, twice, and with what people append to it. */
function withDerivatives(word: string): string[] {
  if (word === '') return [];
  return [word, word + word, ...['1', '12', '123', '1234', '12345', '123456', '!', '1!'].map((tail) => word + tail)];
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s/gu, '');
}
