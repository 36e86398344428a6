import type { Model } from 'mongoose';
import { isDuplicateKey, type MongoDatabase } from './mongo-database.ts';
import type { UserRepository } from '#application/ports/user-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, UserId } from '#domain/ids.ts';
import type { PersonName } from '#domain/person-name.ts';
import type { User } from '#domain/user.ts';

const text = { type: String, required: true };

interface UserRecord {
  _id: UserId;
  name: PersonName;
  mailbox: string;
  canonical: CanonicalEmail;
  passwordHash: PasswordHash;
  createdAt: Date;
  lastLoginAt: Date | null;
}

/** Users in MongoDB. */
export class MongoUserRepository implements UserRepository {
  readonly #database: MongoDatabase;
  readonly #model: Model<UserRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<UserRecord>('users', {
      _id: text,
      ...{ name: text, mailbox: text, canonical: text, passwordHash: text },
      createdAt: { type: Date, required: true },
      lastLoginAt: { type: Date, default: null },
    });
  }

  async create({ id, email, ...rest }: User): Promise<'created' | 'id-taken' | 'email-taken'> {
    try {
      await this.#database.call(() => this.#model.insertOne({ _id: id, ...email, ...rest }));
      return 'created';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await this.find(id)) === null ? 'email-taken' : 'id-taken';
    }
  }

  async find(id: UserId): Promise<User | null> {
    return toUserOrNull(await this.#database.call(() => this.#model.findOne({ _id: id }).lean().exec()));
  }

  async findByEmail(email: CanonicalEmail): Promise<User | null> {
    return toUserOrNull(await this.#database.call(() => this.#model.findOne({ canonical: email }).lean().exec()));
  }

  async replacePasswordHash({ id, from, to }: { id: UserId; from: PasswordHash; to: PasswordHash }): Promise<boolean> {
    const change = () => this.#model.updateOne({ _id: id, passwordHash: from }, { $set: { passwordHash: to } }).exec();
    return (await this.#database.call(change)).modifiedCount === 1;
  }

  async recordLogin(id: UserId, at: Date): Promise<void> {
    await this.#database.call(() => this.#model.updateOne({ _id: id }, { $max: { lastLoginAt: at } }).exec());
  }
}

function toUserOrNull(record: UserRecord | null): User | null {
  if (record === null) return null;
  const { _id: id, mailbox, canonical, name, passwordHash, createdAt, lastLoginAt } = record;
  return { id, name, email: { mailbox, canonical }, passwordHash, createdAt, lastLoginAt };
}
