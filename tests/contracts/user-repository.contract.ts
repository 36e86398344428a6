import { describe, expect, it } from 'vitest';
import { anEmail, at, aUser, HOUR, MINUTE } from '../support/builders.ts';
import { fresh, type Open } from './opened.ts';
import type { UserRepository } from '#application/ports/user-repository.ts';
import type { PasswordHash, UserId } from '#domain/ids.ts';

/** What every UserRepository promises. */
export function describeUserRepositoryContract(adapter: string, open: Open<UserRepository>): void {
  describe(`${adapter} keeps the contract of UserRepository`, () => {
    const empty = fresh(open);
    const from = '$argon2id$old' as PasswordHash;
    const to = '$argon2id$new' as PasswordHash;

    it('finds nobody in an empty store', async () => {
      const users = await empty();
      expect(await users.find('nobody' as UserId)).toBeNull();
      expect(await users.findByEmail(anEmail().canonical)).toBeNull();
    });

    it('gives back who was created, by id and by address', async () => {
      const users = await empty();
      const user = aUser();
      expect(await users.create(user)).toBe('created');
      expect(await users.create(aUser({ email: anEmail('other@example.com'), lastLoginAt: at(1) }))).toBe('created');
      expect(await users.find(user.id)).toEqual(user);
      expect(await users.findByEmail(user.email.canonical)).toEqual(user);
    });

    it('says which is taken, the id first, and changes nothing', async () => {
      const users = await empty();
      const user = aUser();
      await users.create(user);
      expect(await users.create(aUser({ id: user.id }))).toBe('id-taken');
      expect(await users.create(aUser({ id: user.id, email: anEmail('other@example.com') }))).toBe('id-taken');
      expect(await users.create(aUser({ email: anEmail('ADA@example.COM') }))).toBe('email-taken');
      expect(await users.find(user.id)).toEqual(user);
      expect(await users.findByEmail(anEmail('other@example.com').canonical)).toBeNull();
    });

    it('creates exactly one of fifty with one address', async () => {
      const users = await empty();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => users.create(aUser())));
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'email-taken')).toHaveLength(49);
    });

    it('creates exactly one of fifty with one id', async () => {
      const users = await empty();
      const user = aUser();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => users.create(user)));
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'id-taken')).toHaveLength(49);
    });

    it('replaces a hash only while it is still the one that was read', async () => {
      const users = await empty();
      const user = aUser({ passwordHash: from });
      await users.create(user);
      expect(await users.replacePasswordHash({ id: user.id, from: to, to: from })).toBe(false);
      const changes = await Promise.all(Array.from({ length: 10 }, () => users.replacePasswordHash({ id: user.id, from, to })));
      expect(changes.filter(Boolean)).toHaveLength(1);
      expect(await users.find(user.id)).toEqual({ ...user, passwordHash: to });
      expect(await users.replacePasswordHash({ id: 'nobody' as UserId, from, to })).toBe(false);
    });

    it('notes the latest sign-in, whatever order they come in', async () => {
      const users = await empty();
      const user = aUser();
      await users.create(user);
      await users.recordLogin(user.id, at(HOUR));
      await users.recordLogin(user.id, at(MINUTE));
      await users.recordLogin('nobody' as UserId, at(HOUR));
      expect(await users.find(user.id)).toEqual({ ...user, lastLoginAt: at(HOUR) });
    });

    it('shares nothing with its callers', async () => {
      const users = await empty();
      const user = aUser();
      const kept = structuredClone(user);
      await users.create(user);
      user.createdAt.setFullYear(1999);
      const found = await users.find(user.id);
      expect(found).toEqual(kept);
      found?.createdAt.setFullYear(1999);
      expect(await users.find(user.id)).toEqual(kept);
    });
  });
}
