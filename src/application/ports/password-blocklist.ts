/** Knows the passwords that everybody tries first. */
export interface PasswordBlocklist {
  /** Whether the whole password is a common one, letter case aside. */
  includes(password: string): boolean;
}
