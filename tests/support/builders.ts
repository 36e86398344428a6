import { randomId } from '#adapters/outbound/system/random-ids.ts';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import type { MessageId, PasswordHash, RegistrationId, SecretHash, SessionId, UserId } from '#domain/ids.ts';
import type { MailIntent } from '#domain/mail-intent.ts';
import type { NewOutboxMessage } from '#domain/outbox-message.ts';
import type { PersonName } from '#domain/person-name.ts';
import type { Registration } from '#domain/registration.ts';
import { type Session, startSession } from '#domain/session.ts';
import type { User } from '#domain/user.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** So many milliseconds after the tests' beginning of time. */
export function at(ms: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + ms);
}

export function anEmail(typed = 'Ada@Example.com'): EmailAddress {
  const parsed = parseEmailAddress(typed);
  if (!parsed.ok) throw new Error(`${typed} is no address`);
  return parsed.value;
}

export function aRegistration(given: Partial<Registration> = {}): Registration {
  const id = given.id ?? (randomId() as RegistrationId);
  const createdAt = given.createdAt ?? at(0);
  const endsAt = given.endsAt ?? new Date(createdAt.getTime() + DAY);
  return {
    id,
    rootId: id,
    name: 'Ada Lovelace' as PersonName,
    email: anEmail(),
    passwordHash: '$argon2id$stand-in' as PasswordHash,
    browserHash: randomId() as SecretHash,
    link: { keyId: 'k1', nonce: randomId(), secretHash: randomId() as SecretHash },
    mail: 'queued',
    mailRequestedAt: createdAt,
    createdAt,
    endsAt,
    expiresAt: endsAt,
    endedAt: null,
    disownedAt: null,
    ...given,
  };
}

export function aUser(given: Partial<User> = {}): User {
  return {
    id: randomId() as UserId,
    name: 'Ada Lovelace' as PersonName,
    email: anEmail(),
    passwordHash: '$argon2id$stand-in' as PasswordHash,
    createdAt: at(0),
    lastLoginAt: null,
    ...given,
  };
}

/** Idle for an hour, absolute for a day. */
export function aSession(given: Partial<Session> = {}): Session {
  const session = startSession({
    id: randomId() as SessionId,
    userId: randomId() as UserId,
    now: at(0),
    lifetimes: { idleMs: HOUR, absoluteMs: DAY },
  });
  return { ...session, ...given };
}

export function aMessage(given: Partial<NewOutboxMessage> = {}): NewOutboxMessage {
  const id = given.id ?? (randomId() as MessageId);
  return { id, key: `key-${id}`, intent: anIntent(), createdAt: at(0), ...given };
}

function anIntent(): MailIntent {
  return { kind: 'registration', registrationId: randomId() as RegistrationId, email: anEmail(), network: '192.0.2.0/24' };
}
