import type { Model, QueryFilter } from 'mongoose';
import type { MongoDatabase } from './mongo-database.ts';
import type { MailRecord, MailRequest, RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, RegistrationId, SecretHash } from '#domain/ids.ts';
import type { PersonName } from '#domain/person-name.ts';
import { type MailState, type Registration, type RegistrationLookup, resendAvailableAt } from '#domain/registration.ts';

const text = { type: String, required: true };
const time = { type: Date, required: true };
const maybeTime = { type: Date, default: null };

interface RegistrationRecord {
  _id: RegistrationId;
  rootId: RegistrationId;
  name: PersonName;
  mailbox: string;
  canonical: CanonicalEmail;
  passwordHash: PasswordHash;
  browserHash: SecretHash;
  linkKeyId: string;
  linkNonce: string;
  linkSecretHash: SecretHash;
  mail: MailState;
  mailRequestedAt: Date;
  createdAt: Date;
  endsAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
  disownedAt: Date | null;
}

type Filter = QueryFilter<RegistrationRecord>;

/** Registrations in MongoDB. */
export class MongoRegistrationRepository implements RegistrationRepository {
  readonly #database: MongoDatabase;
  readonly #model: Model<RegistrationRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<RegistrationRecord>('registrations', {
      _id: text,
      ...{ rootId: text, name: text, mailbox: text, canonical: text, passwordHash: text, browserHash: text },
      ...{ linkKeyId: text, linkNonce: text, linkSecretHash: text },
      mail: { type: String, required: true, enum: ['queued', 'sent', 'held', 'failed'] },
      ...{ mailRequestedAt: time, createdAt: time, endsAt: time, expiresAt: time, endedAt: maybeTime, disownedAt: maybeTime },
    });
  }

  async add(registration: Registration): Promise<void> {
    await this.#database.call(() => this.#model.insertOne(fromRegistration(registration)));
  }

  async findLive(by: RegistrationLookup, now: Date): Promise<Registration | null> {
    const newestFirst = { createdAt: -1 } as const;
    const record = await this.#database.call(() =>
      this.#model
        .findOne({ ...lookup(by), ...live(now) })
        .sort(newestFirst)
        .lean()
        .exec(),
    );
    return record === null ? null : toRegistration(record as RegistrationRecord);
  }

  async requestMail({ id, now, cooldownMs }: { id: RegistrationId; now: Date; cooldownMs: number }): Promise<MailRequest> {
    const rested = { mailRequestedAt: { $lte: new Date(now.getTime() - cooldownMs) } };
    const record = await this.#update({ _id: id, ...rested, ...live(now) }, [
      { $set: { mail: 'queued', mailRequestedAt: now, expiresAt: '$endsAt' } },
    ]);
    if (record !== null) return { kind: 'requested', registration: toRegistration(record) };
    const registration = await this.findLive({ id }, now);
    return registration === null ? { kind: 'gone' } : { kind: 'too-soon', availableAt: resendAvailableAt(registration, cooldownMs) };
  }

  async recordMail(id: RegistrationId, record: MailRecord, now: Date): Promise<boolean> {
    const { mail } = record;
    const clock = record.mail === 'sent' ? { expiresAt: { $min: [new Date(record.sentAt.getTime() + record.ttlMs), '$endsAt'] } } : {};
    return (await this.#update({ _id: id, ...live(now) }, [{ $set: { mail, ...clock } }])) !== null;
  }

  async end(id: RegistrationId, now: Date): Promise<boolean> {
    return (await this.#update({ _id: id, ...live(now) }, [{ $set: { endedAt: now } }])) !== null;
  }

  async disown(id: RegistrationId, now: Date): Promise<boolean> {
    return (await this.#update({ _id: id, ...live(now) }, [{ $set: { disownedAt: { $ifNull: ['$disownedAt', now] } } }])) !== null;
  }

  async purge({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const dead = { $or: [{ expiresAt: { $lte: now } }, { endedAt: { $type: 'date' as const } }] };
    const found = await this.#database.call(() => this.#model.find(dead, { _id: 1 }).limit(limit).lean().exec());
    if (found.length === 0) return 0;
    const ids = found.map(({ _id }) => _id);
    const { deletedCount } = await this.#database.call(() => this.#model.deleteMany({ _id: { $in: ids }, ...dead }).exec());
    return deletedCount;
  }

  /** One conditional write. A pipeline, so that `endsAt` can be read in the very step that writes. */
  async #update(filter: Filter, pipeline: Record<string, unknown>[]): Promise<RegistrationRecord | null> {
    const options = { returnDocument: 'after', lean: true, updatePipeline: true } as const;
    const record = await this.#database.call(() => this.#model.findOneAndUpdate(filter, pipeline as never, options).exec());
    return record as RegistrationRecord | null;
  }
}

function live(now: Date) {
  return { endedAt: null, expiresAt: { $gt: now } };
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

function toRegistration(record: RegistrationRecord): Registration {
  const { _id: id, mailbox, canonical, linkKeyId, linkNonce, linkSecretHash, ...rest } = record;
  return { id, email: { mailbox, canonical }, link: { keyId: linkKeyId, nonce: linkNonce, secretHash: linkSecretHash }, ...rest };
}
