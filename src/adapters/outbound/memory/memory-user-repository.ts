import type { UserRepository } from '#application/ports/user-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, UserId } from '#domain/ids.ts';
import type { User } from '#domain/user.ts';

/** Users in this process. Each method runs in one turn of the event loop, which makes it atomic. */
export class MemoryUserRepository implements UserRepository {
  readonly #users = new Map<UserId, User>();

  async create(user: User): Promise<'created' | 'id-taken' | 'email-taken'> {
    if (this.#users.has(user.id)) return 'id-taken';
    if (this.#byEmail(user.email.canonical) !== null) return 'email-taken';
    this.#users.set(user.id, structuredClone(user));
    return 'created';
  }

  async find(id: UserId): Promise<User | null> {
    return structuredClone(this.#users.get(id) ?? null);
  }

  async findByEmail(email: CanonicalEmail): Promise<User | null> {
    return structuredClone(this.#byEmail(email));
  }

  async replacePasswordHash({ id, from, to }: { id: UserId; from: PasswordHash; to: PasswordHash }): Promise<boolean> {
    const user = this.#users.get(id);
    if (user?.passwordHash !== from) return false;
    this.#users.set(id, { ...user, passwordHash: to });
    return true;
  }

  async recordLogin(id: UserId, at: Date): Promise<void> {
    const user = this.#users.get(id);
    if (user === undefined || (user.lastLoginAt !== null && user.lastLoginAt >= at)) return;
    this.#users.set(id, { ...user, lastLoginAt: new Date(at) });
  }

  #byEmail(email: CanonicalEmail): User | null {
    return [...this.#users.values()].find((user) => user.email.canonical === email) ?? null;
  }
}
