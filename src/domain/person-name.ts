import { err, ok, type Result } from './result.ts';

/** What a person wants to be called: 1 to 100 code points, trimmed, no control characters. */
export type PersonName = string & { readonly __brand: 'PersonName' };

export type NameProblem = 'empty' | 'too-long' | 'malformed';

// Controls, line and paragraph separators, and the marks that turn text around in a log or a page.
const FORBIDDEN = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

export function parsePersonName(typed: string): Result<PersonName, NameProblem> {
  if (!typed.isWellFormed()) return err('malformed');
  const name = typed.trim();
  if (name === '') return err('empty');
  if ([...name].length > 100) return err('too-long');
  if (FORBIDDEN.test(name)) return err('malformed');
  return ok(name as PersonName);
}
