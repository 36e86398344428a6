import { createHash, randomBytes } from 'node:crypto';
import type { PasswordCheck, PasswordHasher } from '#application/ports/password-hasher.ts';
import type { PasswordHash } from '#domain/ids.ts';

const FORM = /^\$memory\$v=(\d+)\$([\w-]{22})\$([\w-]{43})$/;

/** Hashes fast, for tests of what is built on hashing; no configuration chooses it. `version` plays the part of the parameters. */
export class MemoryPasswordHasher implements PasswordHasher {
  readonly #version: number;

  constructor({ version = 1 }: { version?: number } = {}) {
    this.#version = version;
  }

  async hash(password: string): Promise<PasswordHash> {
    return digest(password, randomBytes(16).toString('base64url'), this.#version);
  }

  async verify(stored: PasswordHash | null, password: string): Promise<PasswordCheck> {
    const [, version, salt] = FORM.exec(stored ?? '') ?? [];
    const matches = version !== undefined && salt !== undefined && digest(password, salt, Number(version)) === stored;
    return { matches, outdated: matches && Number(version) < this.#version };
  }
}

function digest(password: string, salt: string, version: number): PasswordHash {
  const hash = createHash('sha256').update(`${salt}${password}`).digest('base64url');
  return `$memory$v=${version}$${salt}$${hash}` as PasswordHash;
}
