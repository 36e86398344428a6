import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wellFormedText } from '../support/any-text.ts';
import type { PasswordHasher } from '#application/ports/password-hasher.ts';
import type { PasswordHash } from '#domain/ids.ts';

interface HasherPair {
  readonly today: PasswordHasher;
  /** With weaker parameters. */
  readonly yesterday: PasswordHasher;
}

/** What every PasswordHasher promises. */
export function describePasswordHasherContract(adapter: string, open: () => Promise<HasherPair>): void {
  describe(`${adapter} keeps the contract of PasswordHasher`, () => {
    it('knows a password again, and no other', async () => {
      const { today } = await open();
      const wellFormed = wellFormedText({ maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(wellFormed, wellFormed, async (password, other) => {
          const hash = await today.hash(password);
          expect(await today.verify(hash, password)).toEqual({ matches: true, outdated: false });
          const near = [
            `${password} `,
            ` ${password}`,
            `${password}\0`,
            password.slice(0, -1),
            password.toUpperCase(),
            password.normalize('NFD'),
          ];
          for (const wrong of [...near, other].filter((each) => each !== password && each.isWellFormed())) {
            expect(await today.verify(hash, wrong)).toEqual({ matches: false, outdated: false });
          }
        }),
        { numRuns: 10 },
      );
    });

    it('uses every character of the longest password', async () => {
      const { today } = await open();
      const longest = '🦉'.repeat(256);
      const hash = await today.hash(longest);
      expect(await today.verify(hash, longest)).toMatchObject({ matches: true });
      expect(await today.verify(hash, `${'🦉'.repeat(255)}🦊`)).toMatchObject({ matches: false });
    });

    it('never makes the same hash twice', async () => {
      const { today } = await open();
      expect(await today.hash('a quiet lighthouse')).not.toBe(await today.hash('a quiet lighthouse'));
    });

    it('never matches nothing', async () => {
      const { today } = await open();
      expect(await today.verify(null, 'a quiet lighthouse')).toEqual({ matches: false, outdated: false });
      expect(await today.verify(null, '')).toEqual({ matches: false, outdated: false });
    });

    it('calls a weaker hash outdated, if it matches', async () => {
      const { today, yesterday } = await open();
      const old = await yesterday.hash('a quiet lighthouse');
      expect(await today.verify(old, 'a quiet lighthouse')).toEqual({ matches: true, outdated: true });
      expect(await today.verify(old, 'another lighthouse')).toEqual({ matches: false, outdated: false });
    });

    it.each(['', 'a quiet lighthouse', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=1'])('takes %j for no hash', async (stored) => {
      const { today } = await open();
      expect(await today.verify(stored as PasswordHash, 'a quiet lighthouse')).toEqual({ matches: false, outdated: false });
    });
  });
}
