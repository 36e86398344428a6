import { hash, verify } from '@node-rs/argon2';
import { ARGON2_CEILING, type Argon2Parameters } from './argon2-parameters.ts';
import type { HashGate } from './hash-gate.ts';
import { parametersOf } from './password-hash-form.ts';
import type { PasswordCheck, PasswordHasher } from '#application/ports/password-hasher.ts';
import type { PasswordHash } from '#domain/ids.ts';

export interface Argon2PasswordHasherDeps {
  readonly gate: HashGate;
  readonly parameters: Argon2Parameters;
  /** A hash of a password that nobody knows, with the same parameters. */
  readonly dummy: PasswordHash;
  /** Told of a stored hash that is none. */
  readonly onUnusableHash: () => void;
}

/** Hashes with argon2id (RFC 9106) in native code. */
export class Argon2PasswordHasher implements PasswordHasher {
  readonly #deps: Argon2PasswordHasherDeps;

  constructor(deps: Argon2PasswordHasherDeps) {
    this.#deps = deps;
  }

  async hash(password: string): Promise<PasswordHash> {
    const { gate, parameters } = this.#deps;
    return gate.through(() => hashArgon2id(password, parameters));
  }

  async verify(stored: PasswordHash | null, password: string): Promise<PasswordCheck> {
    const { gate, parameters, dummy, onUnusableHash } = this.#deps;
    const used = stored === null ? null : parametersOf(stored);
    // The native code obeys whatever parameters a hash names, up to four terabytes of memory.
    const usable = used !== null && used.memoryKib <= ARGON2_CEILING.memoryKib && used.iterations <= ARGON2_CEILING.iterations;
    if (stored !== null && !usable) onUnusableHash();

    const matches = await gate.through(() => verify(stored !== null && usable ? stored : dummy, password));
    if (!matches || !usable) return { matches: false, outdated: false };
    return { matches: true, outdated: used.memoryKib < parameters.memoryKib || used.iterations < parameters.iterations };
  }
}

/** Makes the dummy hash first, so that the first unknown address costs what the thousandth does. */
export async function openArgon2PasswordHasher(deps: Omit<Argon2PasswordHasherDeps, 'dummy'>): Promise<Argon2PasswordHasher> {
  const dummy = await hashArgon2id(crypto.randomUUID(), deps.parameters);
  return new Argon2PasswordHasher({ ...deps, dummy });
}

async function hashArgon2id(password: string, { memoryKib, iterations }: Argon2Parameters): Promise<PasswordHash> {
  return (await hash(password, { memoryCost: memoryKib, timeCost: iterations, parallelism: 1, outputLen: 32 })) as PasswordHash;
}
