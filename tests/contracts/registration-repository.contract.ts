import { describe, expect, it } from 'vitest';
import { anEmail, aRegistration, at, DAY, HOUR, MINUTE, SECOND } from '../support/builders.ts';
import { fresh, type Open } from './opened.ts';
import type { RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { RegistrationId, SecretHash } from '#domain/ids.ts';

/** What every RegistrationRepository promises. */
export function describeRegistrationRepositoryContract(adapter: string, open: Open<RegistrationRepository>): void {
  describe(`${adapter} keeps the contract of RegistrationRepository`, () => {
    const empty = fresh(open);
    const ttlMs = 30 * MINUTE;
    const cooldownMs = MINUTE;

    it('finds nothing in an empty store', async () => {
      const registrations = await empty();
      expect(await registrations.findLive({ id: 'nobody' as RegistrationId }, at(0))).toBeNull();
      expect(await registrations.findLive({ browserHash: 'nobody' as SecretHash }, at(0))).toBeNull();
      expect(await registrations.findLive({ email: anEmail().canonical }, at(0))).toBeNull();
    });

    it('gives back what was kept, by id, by browser and by address', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      await registrations.add(aRegistration({ email: anEmail('other@example.com') }));
      expect(await registrations.findLive({ id: registration.id }, at(1))).toEqual(registration);
      expect(await registrations.findLive({ browserHash: registration.browserHash }, at(1))).toEqual(registration);
      expect(await registrations.findLive({ email: registration.email.canonical }, at(1))).toEqual(registration);
    });

    it('keeps any number with the same address, and finds the newest live one', async () => {
      const registrations = await empty();
      const fifty = Array.from({ length: 50 }, (_, n) => aRegistration({ createdAt: at(n * SECOND) }));
      await Promise.all(fifty.map((registration) => registrations.add(registration)));
      for (const { id } of fifty) expect(await registrations.findLive({ id }, at(HOUR))).not.toBeNull();

      const newest = fifty.at(-1);
      expect((await registrations.findLive({ email: anEmail().canonical }, at(HOUR)))?.id).toBe(newest?.id);
      if (newest !== undefined) await registrations.end(newest.id, at(HOUR));
      expect((await registrations.findLive({ email: anEmail().canonical }, at(HOUR)))?.id).toBe(fifty.at(-2)?.id);
    });

    it('finds no registration from the instant of its end', async () => {
      const registrations = await empty();
      const registration = aRegistration({ expiresAt: at(HOUR) });
      await registrations.add(registration);
      expect(await registrations.findLive({ id: registration.id }, at(HOUR - 1))).not.toBeNull();
      expect(await registrations.findLive({ id: registration.id }, at(HOUR))).toBeNull();
      expect(await registrations.findLive({ browserHash: registration.browserHash }, at(HOUR))).toBeNull();
      expect(await registrations.findLive({ email: registration.email.canonical }, at(HOUR))).toBeNull();
    });

    it('starts the clock when its mail was sent, never past the last moment', async () => {
      const registrations = await empty();
      const [early, late] = [aRegistration(), aRegistration()];
      await registrations.add(early);
      await registrations.add(late);
      expect(await registrations.recordMail(early.id, { mail: 'sent', sentAt: at(SECOND), ttlMs }, at(SECOND))).toBe(true);
      const lateAt = at(DAY - MINUTE);
      expect(await registrations.recordMail(late.id, { mail: 'sent', sentAt: lateAt, ttlMs }, lateAt)).toBe(true);
      expect(await registrations.findLive({ id: early.id }, at(SECOND))).toEqual({ ...early, mail: 'sent', expiresAt: at(SECOND + ttlMs) });
      expect(await registrations.findLive({ id: late.id }, lateAt)).toEqual({ ...late, mail: 'sent', expiresAt: late.endsAt });
    });

    it.each(['held', 'failed'] as const)('records that its mail was %s, and starts no clock', async (mail) => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      expect(await registrations.recordMail(registration.id, { mail }, at(SECOND))).toBe(true);
      expect(await registrations.findLive({ id: registration.id }, at(SECOND))).toEqual({ ...registration, mail });
    });

    it('turns the clock back when another mail is asked for', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      await registrations.recordMail(registration.id, { mail: 'sent', sentAt: at(SECOND), ttlMs }, at(SECOND));
      const requested = { ...registration, mail: 'queued', mailRequestedAt: at(MINUTE), expiresAt: registration.endsAt };
      expect(await registrations.requestMail({ id: registration.id, now: at(MINUTE), cooldownMs })).toEqual({
        kind: 'requested',
        registration: requested,
      });
      expect(await registrations.findLive({ id: registration.id }, at(MINUTE))).toEqual(requested);
    });

    it('refuses another mail within the cooldown, saying from when, and changes nothing', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      const request = { id: registration.id, now: at(MINUTE - 1), cooldownMs };
      expect(await registrations.requestMail(request)).toEqual({ kind: 'too-soon', availableAt: at(MINUTE) });
      expect(await registrations.findLive({ id: registration.id }, at(MINUTE))).toEqual(registration);
    });

    it('lets exactly one of concurrent requests for a mail through', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      const requests = Array.from({ length: 20 }, () => registrations.requestMail({ id: registration.id, now: at(MINUTE), cooldownMs }));
      const kinds = (await Promise.all(requests)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'requested')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'too-soon')).toHaveLength(19);
    });

    it.each([
      ['expired', aRegistration({ expiresAt: at(HOUR) })],
      ['ended', aRegistration({ endedAt: at(MINUTE) })],
    ])('writes nothing to one that is %s', async (_, registration) => {
      const registrations = await empty();
      await registrations.add(registration);
      const { id } = registration;
      expect(await registrations.requestMail({ id, now: at(HOUR), cooldownMs })).toEqual({ kind: 'gone' });
      expect(await registrations.recordMail(id, { mail: 'sent', sentAt: at(HOUR), ttlMs }, at(HOUR))).toBe(false);
      expect(await registrations.recordMail(id, { mail: 'held' }, at(HOUR))).toBe(false);
      expect(await registrations.end(id, at(HOUR))).toBe(false);
      expect(await registrations.disown(id, at(HOUR))).toBe(false);
      expect(await registrations.findLive({ id }, at(HOUR))).toBeNull();
    });

    it('ends one before its time, once', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      const ends = await Promise.all(Array.from({ length: 5 }, () => registrations.end(registration.id, at(MINUTE))));
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await registrations.findLive({ id: registration.id }, at(MINUTE))).toBeNull();
    });

    it('notes when one was first disowned; it lives on, but its address no longer leads to it', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      await registrations.add(registration);
      expect(await registrations.disown(registration.id, at(MINUTE))).toBe(true);
      expect(await registrations.disown(registration.id, at(HOUR))).toBe(true);
      expect(await registrations.findLive({ id: registration.id }, at(HOUR))).toEqual({ ...registration, disownedAt: at(MINUTE) });
      expect(await registrations.findLive({ email: registration.email.canonical }, at(HOUR))).toBeNull();
    });

    it('purges what is not live and nothing else, no more than asked for at a time', async () => {
      const registrations = await empty();
      const live = Array.from({ length: 5 }, () => aRegistration({ expiresAt: at(HOUR + 1) }));
      const expired = Array.from({ length: 5 }, () => aRegistration({ expiresAt: at(HOUR) }));
      const ended = Array.from({ length: 5 }, () => aRegistration({ endedAt: at(MINUTE) }));
      for (const registration of [...live, ...expired, ...ended]) await registrations.add(registration);

      expect(await registrations.purge({ now: at(HOUR), limit: 7 })).toBe(7);
      expect(await registrations.purge({ now: at(HOUR), limit: 7 })).toBe(3);
      expect(await registrations.purge({ now: at(HOUR), limit: 7 })).toBe(0);
      for (const { id } of live) expect(await registrations.findLive({ id }, at(HOUR))).not.toBeNull();
      for (const { id } of [...expired, ...ended]) expect(await registrations.findLive({ id }, at(0))).toBeNull();
    });

    it('shares nothing with its callers', async () => {
      const registrations = await empty();
      const registration = aRegistration();
      const kept = structuredClone(registration);
      await registrations.add(registration);
      registration.createdAt.setFullYear(1999);
      const found = await registrations.findLive({ id: registration.id }, at(1));
      expect(found).toEqual(kept);
      found?.endsAt.setFullYear(1999);
      expect(await registrations.findLive({ id: registration.id }, at(1))).toEqual(kept);
    });
  });
}
