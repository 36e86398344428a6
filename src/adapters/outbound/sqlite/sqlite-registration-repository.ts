import { type SqliteDatabase, type SqliteQuery, type SqliteRow, toDate, toDateOrNull, toText } from './sqlite-database.ts';
import type { MailRecord, MailRequest, RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { PasswordHash, RegistrationId, SecretHash } from '#domain/ids.ts';
import type { PersonName } from '#domain/person-name.ts';
import { type MailState, type Registration, type RegistrationLookup, resendAvailableAt } from '#domain/registration.ts';

const LIVE = 'ended_at IS NULL AND expires_at > :now';
// `> 0` rather than `IS NOT NULL`: so the planner sees that the index of the ended ones serves, and scans nothing.
const DEAD = '(expires_at <= :now OR ended_at > 0)';

/** Registrations in SQLite. */
export class SqliteRegistrationRepository implements RegistrationRepository {
  readonly #add: SqliteQuery;
  readonly #findById: SqliteQuery;
  readonly #findByBrowser: SqliteQuery;
  readonly #findByEmail: SqliteQuery;
  readonly #requestMail: SqliteQuery;
  readonly #recordSent: SqliteQuery;
  readonly #recordMail: SqliteQuery;
  readonly #end: SqliteQuery;
  readonly #disown: SqliteQuery;
  readonly #purge: SqliteQuery;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(`
      INSERT INTO registrations (id, root_id, name, mailbox, canonical, password_hash, browser_hash, link_key_id, link_nonce, link_secret_hash,
        mail, mail_requested_at, created_at, ends_at, expires_at, ended_at, disowned_at)
      VALUES (:id, :rootId, :name, :mailbox, :canonical, :passwordHash, :browserHash, :linkKeyId, :linkNonce, :linkSecretHash,
        :mail, :mailRequestedAt, :createdAt, :endsAt, :expiresAt, :endedAt, :disownedAt)`);
    this.#findById = database.prepare(`SELECT * FROM registrations WHERE id = :id AND ${LIVE}`);
    this.#findByBrowser = database.prepare(`SELECT * FROM registrations WHERE browser_hash = :browserHash AND ${LIVE}`);
    this.#findByEmail = database.prepare(
      `SELECT * FROM registrations WHERE canonical = :email AND disowned_at IS NULL AND ${LIVE} ORDER BY created_at DESC LIMIT 1`,
    );
    this.#requestMail = database.prepare(`
      UPDATE registrations SET mail = 'queued', mail_requested_at = :now, expires_at = ends_at
      WHERE id = :id AND mail_requested_at + :cooldownMs <= :now AND ${LIVE} RETURNING *`);
    this.#recordSent = database.prepare(
      `UPDATE registrations SET mail = 'sent', expires_at = min(:sentAt + :ttlMs, ends_at) WHERE id = :id AND ${LIVE}`,
    );
    this.#recordMail = database.prepare(`UPDATE registrations SET mail = :mail WHERE id = :id AND ${LIVE}`);
    this.#end = database.prepare(`UPDATE registrations SET ended_at = :now WHERE id = :id AND ${LIVE}`);
    this.#disown = database.prepare(`UPDATE registrations SET disowned_at = coalesce(disowned_at, :now) WHERE id = :id AND ${LIVE}`);
    this.#purge = database.prepare(
      `DELETE FROM registrations WHERE rowid IN (SELECT rowid FROM registrations WHERE ${DEAD} LIMIT :limit) AND ${DEAD}`,
    );
  }

  async add(registration: Registration): Promise<void> {
    this.#add.run(fromRegistration(registration));
  }

  async findLive(by: RegistrationLookup, now: Date): Promise<Registration | null> {
    const row = this.#look(by, now.getTime());
    return row === null ? null : toRegistration(row);
  }

  async requestMail({ id, now, cooldownMs }: { id: RegistrationId; now: Date; cooldownMs: number }): Promise<MailRequest> {
    const row = this.#requestMail.get({ id, now: now.getTime(), cooldownMs });
    if (row !== null) return { kind: 'requested', registration: toRegistration(row) };
    const registration = await this.findLive({ id }, now);
    return registration === null ? { kind: 'gone' } : { kind: 'too-soon', availableAt: resendAvailableAt(registration, cooldownMs) };
  }

  async recordMail(id: RegistrationId, record: MailRecord, now: Date): Promise<boolean> {
    const live = { id, now: now.getTime() };
    if (record.mail !== 'sent') return this.#recordMail.run({ ...live, mail: record.mail }) === 1;
    return this.#recordSent.run({ ...live, sentAt: record.sentAt.getTime(), ttlMs: record.ttlMs }) === 1;
  }

  async end(id: RegistrationId, now: Date): Promise<boolean> {
    return this.#end.run({ id, now: now.getTime() }) === 1;
  }

  async disown(id: RegistrationId, now: Date): Promise<boolean> {
    return this.#disown.run({ id, now: now.getTime() }) === 1;
  }

  async purge({ now, limit }: { now: Date; limit: number }): Promise<number> {
    return this.#purge.run({ now: now.getTime(), limit });
  }

  #look(by: RegistrationLookup, now: number): SqliteRow | null {
    if ('id' in by) return this.#findById.get({ id: by.id, now });
    if ('browserHash' in by) return this.#findByBrowser.get({ browserHash: by.browserHash, now });
    return this.#findByEmail.get({ email: by.email, now });
  }
}

function fromRegistration(registration: Registration) {
  const { id, rootId, name, email, passwordHash, browserHash, link, mail } = registration;
  return {
    ...{ id, rootId, name, passwordHash, browserHash, mail },
    mailbox: email.mailbox,
    canonical: email.canonical,
    linkKeyId: link.keyId,
    linkNonce: link.nonce,
    linkSecretHash: link.secretHash,
    mailRequestedAt: registration.mailRequestedAt.getTime(),
    createdAt: registration.createdAt.getTime(),
    endsAt: registration.endsAt.getTime(),
    expiresAt: registration.expiresAt.getTime(),
    endedAt: registration.endedAt?.getTime() ?? null,
    disownedAt: registration.disownedAt?.getTime() ?? null,
  };
}

function toRegistration(row: SqliteRow): Registration {
  return {
    id: toText(row.id) as RegistrationId,
    rootId: toText(row.root_id) as RegistrationId,
    name: toText(row.name) as PersonName,
    email: { mailbox: toText(row.mailbox), canonical: toText(row.canonical) as CanonicalEmail },
    passwordHash: toText(row.password_hash) as PasswordHash,
    browserHash: toText(row.browser_hash) as SecretHash,
    link: {
      keyId: toText(row.link_key_id),
      nonce: toText(row.link_nonce),
      secretHash: toText(row.link_secret_hash) as SecretHash,
    },
    mail: toText(row.mail) as MailState,
    mailRequestedAt: toDate(row.mail_requested_at),
    createdAt: toDate(row.created_at),
    endsAt: toDate(row.ends_at),
    expiresAt: toDate(row.expires_at),
    endedAt: toDateOrNull(row.ended_at),
    disownedAt: toDateOrNull(row.disowned_at),
  };
}
