import type { MailRecord, MailRequest, RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { RegistrationId } from '#domain/ids.ts';
import { clockEnd, isLive, type Registration, type RegistrationLookup, resendAvailableAt } from '#domain/registration.ts';

/** Registrations in this process. Each method runs in one turn of the event loop, which makes it atomic. */
export class MemoryRegistrationRepository implements RegistrationRepository {
  readonly #registrations = new Map<RegistrationId, Registration>();

  async add(registration: Registration): Promise<void> {
    this.#registrations.set(registration.id, structuredClone(registration));
  }

  async findLive(by: RegistrationLookup, now: Date): Promise<Registration | null> {
    const live = [...this.#registrations.values()].filter((registration) => isLive(registration, now) && matches(registration, by));
    const newest = live.reduce<Registration | null>(
      (best, each) => (best !== null && best.createdAt >= each.createdAt ? best : each),
      null,
    );
    return structuredClone(newest);
  }

  async requestMail({ id, now, cooldownMs }: { id: RegistrationId; now: Date; cooldownMs: number }): Promise<MailRequest> {
    const registration = this.#live(id, now);
    if (registration === null) return { kind: 'gone' };
    const availableAt = resendAvailableAt(registration, cooldownMs);
    if (availableAt > now) return { kind: 'too-soon', availableAt };

    const requested: Registration = { ...registration, mail: 'queued', mailRequestedAt: now, expiresAt: registration.endsAt };
    this.#registrations.set(id, structuredClone(requested));
    return { kind: 'requested', registration: structuredClone(requested) };
  }

  async recordMail(id: RegistrationId, record: MailRecord, now: Date): Promise<boolean> {
    const registration = this.#live(id, now);
    if (registration === null) return false;
    const expiresAt = record.mail === 'sent' ? clockEnd(registration, record.sentAt, record.ttlMs) : registration.expiresAt;
    this.#registrations.set(id, { ...registration, mail: record.mail, expiresAt });
    return true;
  }

  async end(id: RegistrationId, now: Date): Promise<boolean> {
    const registration = this.#live(id, now);
    if (registration === null) return false;
    this.#registrations.set(id, { ...registration, endedAt: new Date(now) });
    return true;
  }

  async disown(id: RegistrationId, now: Date): Promise<boolean> {
    const registration = this.#live(id, now);
    if (registration === null) return false;
    this.#registrations.set(id, { ...registration, disownedAt: registration.disownedAt ?? new Date(now) });
    return true;
  }

  async purge({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const dead = [...this.#registrations.values()].filter((registration) => !isLive(registration, now)).slice(0, limit);
    for (const { id } of dead) this.#registrations.delete(id);
    return dead.length;
  }

  #live(id: RegistrationId, now: Date): Registration | null {
    const registration = this.#registrations.get(id);
    return registration !== undefined && isLive(registration, now) ? registration : null;
  }
}

function matches(registration: Registration, by: RegistrationLookup): boolean {
  if ('id' in by) return registration.id === by.id;
  if ('browserHash' in by) return registration.browserHash === by.browserHash;
  return registration.email.canonical === by.email && registration.disownedAt === null;
}
