import type { Model } from 'mongoose';
import { z } from 'zod';
import { isDuplicateKey } from './failures.ts';
import { maybeTime, text, textAs, time } from './fields.ts';
import type { MongoDatabase } from './mongo-database.ts';
import type { UserRepository } from '#application/ports/user-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, UserId } from '#domain/ids.ts';
import type { PersonName } from '#domain/person-name.ts';
import type { User } from '#domain/user.ts';

const userRecord = z.object({
  _id: textAs<UserId>(),
  name: textAs<PersonName>(),
  mailbox: z.string(),
  canonical: textAs<CanonicalEmail>(),
  passwordHash: textAs<PasswordHash>(),
  createdAt: z.date(),
  lastLoginAt: z.date().nullable(),
});
type UserRecord = z.infer<typeof userRecord>;

/** Users in MongoDB. */
export class MongoUserRepository implements UserRepository {
  readonly #database: MongoDatabase;
  readonly #model: Model<UserRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<UserRecord>('users', {
      ...{ _id: text, name: text, mailbox: text, canonical: text, passwordHash: text },
      ...{ createdAt: time, lastLoginAt: maybeTime },
    });
  }

  /** Not repeated when its answer was lost: a user found then may be another caller's, and only one may be told `created`. */
  async create(user: User): Promise<'created' | 'id-taken' | 'email-taken'> {
    try {
      await this.#database.insertOnce(this.#model, fromUser(user));
      return 'created';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await this.find(user.id)) === null ? 'email-taken' : 'id-taken';
    }
  }

  async find(id: UserId): Promise<User | null> {
    return toUserOrNull(await this.#database.callRepeatable(() => this.#model.findOne({ _id: id }).lean()));
  }

  async findByEmail(email: CanonicalEmail): Promise<User | null> {
    return toUserOrNull(await this.#database.callRepeatable(() => this.#model.findOne({ canonical: email }).lean()));
  }

  async replacePasswordHash({ id, from, to }: { id: UserId; from: PasswordHash; to: PasswordHash }): Promise<boolean> {
    const change = () => this.#model.updateOne({ _id: id, passwordHash: from }, { $set: { passwordHash: to } });
    return (await this.#database.call(change)).modifiedCount === 1;
  }

  async recordLogin(id: UserId, at: Date): Promise<void> {
    await this.#database.callRepeatable(() => this.#model.updateOne({ _id: id }, { $max: { lastLoginAt: at } }));
  }
}

function fromUser({ id, email, ...rest }: User): UserRecord {
  return { _id: id, ...email, ...rest };
}

function toUserOrNull(stored: unknown): User | null {
  if (stored === null) return null;
  const { _id: id, mailbox, canonical, ...rest } = userRecord.parse(stored);
  return { id, email: { mailbox, canonical }, ...rest };
}
