import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, UserId } from '#domain/ids.ts';
import type { User } from '#domain/user.ts';

/** Keeps the people whose mailbox is proven. */
export interface UserRepository {
  /**
   * Keeps a new user in one atomic step: of any number of concurrent callers with one id or one address exactly one gets `created`.
   * `id-taken` (which comes first) or `email-taken` otherwise. Nothing changes then.
   */
  create(user: User): Promise<'created' | 'id-taken' | 'email-taken'>;

  find(id: UserId): Promise<User | null>;

  findByEmail(email: CanonicalEmail): Promise<User | null>;

  /** Replaces the hash if it is still `from`; says whether it did. */
  replacePasswordHash(change: { id: UserId; from: PasswordHash; to: PasswordHash }): Promise<boolean>;

  /** Notes the latest sign-in; an earlier one than is noted changes nothing. A crash may lose it until the sign-in's session is kept. */
  recordLogin(id: UserId, at: Date): Promise<void>;
}
