import { expect } from 'vitest';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import type { Result } from '#domain/result.ts';

export function emailOf(typed: string): EmailAddress {
  return granted(parseEmailAddress(typed));
}

/** The value of what went well; fails the test otherwise. */
export function granted<T>(result: Result<T, unknown>): T {
  if (!result.ok) expect.fail(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The error of what was refused; fails the test otherwise. */
export function errorOf<E>(result: Result<unknown, E>): E {
  if (result.ok) expect.fail(`went well: ${JSON.stringify(result.value)}`);
  return result.error;
}
