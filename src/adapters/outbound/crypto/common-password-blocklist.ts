import { dictionary } from '@zxcvbn-ts/language-common';
import type { PasswordBlocklist } from '#application/ports/password-blocklist.ts';

/** The passwords that leaked lists hold most often: some 49 000, of which 18 000 have eight characters or more. */
export class CommonPasswordBlocklist implements PasswordBlocklist {
  readonly #passwords = new Set(dictionary['passwords-common']);

  includes(password: string): boolean {
    return this.#passwords.has(password.toLowerCase());
  }

  /** How many of at least so many characters it knows. */
  countOfLength(atLeast: number): number {
    return [...this.#passwords].filter((password) => password.length >= atLeast).length;
  }
}
