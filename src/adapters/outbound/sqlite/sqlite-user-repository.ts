import { errorCode, type SqliteDatabase, type SqliteQuery, type SqliteRow, toDate, toDateOrNull, toText } from './sqlite-database.ts';
import type { UserRepository } from '#application/ports/user-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, UserId } from '#domain/ids.ts';
import type { PersonName } from '#domain/person-name.ts';
import type { User } from '#domain/user.ts';

/** Users in SQLite. */
export class SqliteUserRepository implements UserRepository {
  readonly #create: SqliteQuery;
  readonly #find: SqliteQuery;
  readonly #findByEmail: SqliteQuery;
  readonly #replaceHash: SqliteQuery;
  readonly #recordLogin: Pick<SqliteQuery, 'run'>;

  constructor(database: SqliteDatabase) {
    this.#create = database.prepare(`
      INSERT INTO users (id, name, mailbox, canonical, password_hash, created_at, last_login_at)
      VALUES (:id, :name, :mailbox, :canonical, :passwordHash, :createdAt, :lastLoginAt)`);
    this.#find = database.prepare('SELECT * FROM users WHERE id = :id');
    this.#findByEmail = database.prepare('SELECT * FROM users WHERE canonical = :email');
    this.#replaceHash = database.prepare('UPDATE users SET password_hash = :to WHERE id = :id AND password_hash = :from');
    // Every sign-in is followed by its session, and that write waits for the disk for both.
    this.#recordLogin = database.prepareLazy(
      'UPDATE users SET last_login_at = :at WHERE id = :id AND (last_login_at IS NULL OR last_login_at < :at)',
    );
  }

  async create(user: User): Promise<'created' | 'id-taken' | 'email-taken'> {
    try {
      this.#create.run(fromUser(user));
      return 'created';
    } catch (error) {
      if (!errorCode(error).startsWith('SQLITE_CONSTRAINT')) throw error;
      if (this.#find.get({ id: user.id }) !== null) return 'id-taken';
      if (this.#findByEmail.get({ email: user.email.canonical }) !== null) return 'email-taken';
      throw error;
    }
  }

  async find(id: UserId): Promise<User | null> {
    return toUserOrNull(this.#find.get({ id }));
  }

  async findByEmail(email: CanonicalEmail): Promise<User | null> {
    return toUserOrNull(this.#findByEmail.get({ email }));
  }

  async replacePasswordHash({ id, from, to }: { id: UserId; from: PasswordHash; to: PasswordHash }): Promise<boolean> {
    return this.#replaceHash.run({ id, from, to }) === 1;
  }

  async recordLogin(id: UserId, at: Date): Promise<void> {
    this.#recordLogin.run({ id, at: at.getTime() });
  }
}

function fromUser({ id, name, email, passwordHash, createdAt, lastLoginAt }: User) {
  return {
    ...{ id, name, passwordHash },
    mailbox: email.mailbox,
    canonical: email.canonical,
    createdAt: createdAt.getTime(),
    lastLoginAt: lastLoginAt?.getTime() ?? null,
  };
}

function toUserOrNull(row: SqliteRow | null): User | null {
  if (row === null) return null;
  return {
    id: toText(row.id) as UserId,
    name: toText(row.name) as PersonName,
    email: { mailbox: toText(row.mailbox), canonical: toText(row.canonical) as CanonicalEmail },
    passwordHash: toText(row.password_hash) as PasswordHash,
    createdAt: toDate(row.created_at),
    lastLoginAt: toDateOrNull(row.last_login_at),
  };
}
