import { type Model, type QueryFilter, trusted } from 'mongoose';
import { z } from 'zod';
import { maybeTime, text, textAs, time } from './fields.ts';
import type { Command, MongoDatabase } from './mongo-database.ts';
import type { MailRecord, MailRequest, RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, RegistrationId, SecretHash } from '#domain/ids.ts';
import type { PersonName } from '#domain/person-name.ts';
import { type Registration, type RegistrationLookup, resendAvailableAt } from '#domain/registration.ts';

const registrationRecord = z.object({
  _id: textAs<RegistrationId>(),
  rootId: textAs<RegistrationId>(),
  name: textAs<PersonName>(),
  mailbox: z.string(),
  canonical: textAs<CanonicalEmail>(),
  passwordHash: textAs<PasswordHash>(),
  browserHash: textAs<SecretHash>(),
  linkKeyId: z.string(),
  linkNonce: z.string(),
  linkSecretHash: textAs<SecretHash>(),
  mail: z.enum(['queued', 'sent', 'held', 'failed']),
  mailRequestedAt: z.date(),
  createdAt: z.date(),
  endsAt: z.date(),
  expiresAt: z.date(),
  endedAt: z.date().nullable(),
  disownedAt: z.date().nullable(),
});
type RegistrationRecord = z.infer<typeof registrationRecord>;
type Filter = QueryFilter<RegistrationRecord>;
type Pipeline = { $set: Record<string, unknown> }[];

/** Registrations in MongoDB. */
export class MongoRegistrationRepository implements RegistrationRepository {
  readonly #database: MongoDatabase;
  readonly #model: Model<RegistrationRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<RegistrationRecord>('registrations', {
      ...{ _id: text, rootId: text, name: text, mailbox: text, canonical: text, passwordHash: text, browserHash: text },
      ...{ linkKeyId: text, linkNonce: text, linkSecretHash: text, mail: text },
      ...{ mailRequestedAt: time, createdAt: time, endsAt: time, expiresAt: time, endedAt: maybeTime, disownedAt: maybeTime },
    });
  }

  async add(registration: Registration): Promise<void> {
    await this.#database.insert(this.#model, fromRegistration(registration));
  }

  async findLive(by: RegistrationLookup, now: Date): Promise<Registration | null> {
    const filter = { ...lookup(by), ...live(now) };
    const newest = () => this.#model.findOne(filter).sort({ createdAt: -1 }).lean();
    return toRegistrationOrNull(await this.#database.callRepeatable(newest));
  }

  /** Not repeated when its answer was lost: the second try would be told `too-soon` of its own first, or `requested` of another caller's. */
  async requestMail({ id, now, cooldownMs }: { id: RegistrationId; now: Date; cooldownMs: number }): Promise<MailRequest> {
    const rested = { mailRequestedAt: trusted({ $lte: new Date(now.getTime() - cooldownMs) }) };
    const request = [{ $set: { mail: 'queued', mailRequestedAt: now, expiresAt: '$endsAt' } }];
    const requested = toRegistrationOrNull(await this.#database.call(() => this.#update({ _id: id, ...rested, ...live(now) }, request)));
    if (requested !== null) return { kind: 'requested', registration: requested };

    const registration = await this.findLive({ id }, now);
    return registration === null ? { kind: 'gone' } : { kind: 'too-soon', availableAt: resendAvailableAt(registration, cooldownMs) };
  }

  async recordMail(id: RegistrationId, record: MailRecord, now: Date): Promise<boolean> {
    const { mail } = record;
    const clock = record.mail === 'sent' ? { expiresAt: { $min: [new Date(record.sentAt.getTime() + record.ttlMs), '$endsAt'] } } : {};
    const note = () => this.#update({ _id: id, ...live(now) }, [{ $set: { mail, ...clock } }]);
    return (await this.#database.callRepeatable(note)) !== null;
  }

  /** Not repeated when its answer was lost: it is not live then, and nobody could say who ended it. */
  async end(id: RegistrationId, now: Date): Promise<boolean> {
    return (await this.#database.call(() => this.#update({ _id: id, ...live(now) }, [{ $set: { endedAt: now } }]))) !== null;
  }

  async disown(id: RegistrationId, now: Date): Promise<boolean> {
    const note = () => this.#update({ _id: id, ...live(now) }, [{ $set: { disownedAt: { $ifNull: ['$disownedAt', now] } } }]);
    return (await this.#database.callRepeatable(note)) !== null;
  }

  async purge({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const dead: Filter = { $or: [{ expiresAt: trusted({ $lte: now }) }, { endedAt: trusted({ $type: 'date' as const }) }] };
    return this.#database.remove(this.#model, dead, { limit });
  }

  /** One conditional write. A pipeline, so that `endsAt` can be read in the very step that writes. */
  #update(filter: Filter, pipeline: Pipeline): Command<unknown> {
    return this.#model.findOneAndUpdate(filter, pipeline, { returnDocument: 'after', lean: true, updatePipeline: true });
  }
}

function live(now: Date) {
  return { endedAt: null, expiresAt: trusted({ $gt: now }) };
}

function lookup(by: RegistrationLookup): Filter {
  if ('id' in by) return { _id: by.id };
  if ('browserHash' in by) return { browserHash: by.browserHash };
  return { canonical: by.email, disownedAt: null };
}

function fromRegistration({ id, email, link, ...rest }: Registration): RegistrationRecord {
  const { keyId: linkKeyId, nonce: linkNonce, secretHash: linkSecretHash } = link;
  return { _id: id, ...email, linkKeyId, linkNonce, linkSecretHash, ...rest };
}

function toRegistrationOrNull(stored: unknown): Registration | null {
  if (stored === null) return null;
  const { _id: id, mailbox, canonical, linkKeyId, linkNonce, linkSecretHash, ...rest } = registrationRecord.parse(stored);
  return { id, email: { mailbox, canonical }, link: { keyId: linkKeyId, nonce: linkNonce, secretHash: linkSecretHash }, ...rest };
}
