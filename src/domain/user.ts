import type { EmailAddress } from './email-address.ts';
import type { PasswordHash, UserId } from './ids.ts';
import type { PersonName } from './person-name.ts';

/** A person whose mailbox is proven. There is no other kind. */
export interface User {
  readonly id: UserId;
  readonly name: PersonName;
  readonly email: EmailAddress;
  readonly passwordHash: PasswordHash;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

/** What a user may see of themself. */
export type Profile = Pick<User, 'id' | 'name' | 'email' | 'createdAt' | 'lastLoginAt'>;

export function profileOf({ id, name, email, createdAt, lastLoginAt }: User): Profile {
  return { id, name, email, createdAt, lastLoginAt };
}
