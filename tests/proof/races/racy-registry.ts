import { setImmediate } from 'node:timers/promises';
import { aRegistration } from '../../support/builders.ts';
import { MemoryRegistrationRepository } from '#adapters/outbound/memory/memory-registration-repository.ts';
import { MemoryUserRepository } from '#adapters/outbound/memory/memory-user-repository.ts';
import type { MailRequest } from '#application/ports/registration-repository.ts';
import type { RegistrationId } from '#domain/ids.ts';
import { type Registration, resendAvailableAt } from '#domain/registration.ts';
import type { User } from '#domain/user.ts';

/** What no repository may be: it looks whether id and address are free, and answers by that, whatever came between. */
export class RacyUsers extends MemoryUserRepository {
  override async create(user: User): Promise<'created' | 'id-taken' | 'email-taken'> {
    if ((await this.find(user.id)) !== null) return 'id-taken';
    if ((await this.findByEmail(user.email.canonical)) !== null) return 'email-taken';
    await setImmediate();
    await super.create(user);
    return 'created';
  }
}

/** Likewise: it looks whether the cooldown is over, and asks later. */
export class RacyRegistrations extends MemoryRegistrationRepository {
  override async requestMail(request: { id: RegistrationId; now: Date; cooldownMs: number }): Promise<MailRequest> {
    const { id, now, cooldownMs } = request;
    const registration = await this.findLive({ id }, now);
    if (registration === null) return { kind: 'gone' };
    const availableAt = resendAvailableAt(registration, cooldownMs);
    if (availableAt > now) return { kind: 'too-soon', availableAt };

    await setImmediate();
    const requested = { ...registration, mail: 'queued', mailRequestedAt: now, expiresAt: registration.endsAt } as const;
    await this.add(requested);
    return { kind: 'requested', registration: requested };
  }
}

/** Likewise: it looks who is dead, and deletes them later, whoever came to life again. */
export class RacyPurge extends MemoryRegistrationRepository {
  readonly #kept = new Set<RegistrationId>();

  override async add(registration: Registration): Promise<void> {
    this.#kept.add(registration.id);
    await super.add(registration);
  }

  override async purge({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const live = await Promise.all([...this.#kept].map((id) => this.findLive({ id }, now)));
    const dead = [...this.#kept].filter((_, n) => live[n] === null).slice(0, limit);
    await setImmediate();
    for (const id of dead.filter((each) => this.#kept.delete(each))) await super.add(aRegistration({ id, expiresAt: now }));
    return super.purge({ now, limit });
  }
}
