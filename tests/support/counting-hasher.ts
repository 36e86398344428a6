import type { PasswordCheck, PasswordHasher } from '#application/ports/password-hasher.ts';
import type { PasswordHash } from '#domain/ids.ts';

/** Counts what goes to the hasher behind it. */
export class CountingHasher implements PasswordHasher {
  readonly #hasher: PasswordHasher;
  hashes = 0;
  verifications = 0;

  constructor(hasher: PasswordHasher) {
    this.#hasher = hasher;
  }

  /** How much of either there was while `act` ran. */
  async countDuring(act: () => Promise<unknown>): Promise<{ hashes: number; verifications: number }> {
    const before = { hashes: this.hashes, verifications: this.verifications };
    await act();
    return { hashes: this.hashes - before.hashes, verifications: this.verifications - before.verifications };
  }

  async hash(password: string): Promise<PasswordHash> {
    this.hashes += 1;
    return this.#hasher.hash(password);
  }

  async verify(hash: PasswordHash | null, password: string): Promise<PasswordCheck> {
    this.verifications += 1;
    return this.#hasher.verify(hash, password);
  }
}
