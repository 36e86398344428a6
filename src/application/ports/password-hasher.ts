import type { PasswordHash } from '#domain/ids.ts';

export interface PasswordCheck {
  readonly matches: boolean;
  /** The hash was made with weaker parameters than today's and should be replaced. False unless it matches. */
  readonly outdated: boolean;
}

/**
 * Hashes passwords slowly, behind one gate with a bounded queue.
 * Every method throws Unavailable when the queue is full or the wait too long; work that has begun is always finished.
 */
export interface PasswordHasher {
  hash(password: string): Promise<PasswordHash>;

  /**
   * Checks a password. For `null` it does the same work on a dummy hash with today's parameters and never matches,
   * so that an unknown address costs what a known one does. A stored hash that is malformed, of another algorithm or
   * above the ceiling of parameters counts as `null`, and is logged; it never reaches the native code.
   */
  verify(hash: PasswordHash | null, password: string): Promise<PasswordCheck>;
}
