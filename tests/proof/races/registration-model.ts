import { aRegistration, aUser, anEmail } from '../../support/builders.ts';
import { choices, type Outcome } from './linearise.ts';
import type { MailRequest } from '#application/ports/registration-repository.ts';
import type { PasswordHash, RegistrationId, SecretHash, UserId } from '#domain/ids.ts';
import type { Registration } from '#domain/registration.ts';
import type { User } from '#domain/user.ts';

export const COOLDOWN = 60_000;
export const TTL = 5 * COOLDOWN;
export const LIFE = 15 * COOLDOWN;

/** All that there is to know of a registration. */
interface SignUp {
  readonly email: string;
  readonly since: number;
  readonly asked: number;
  readonly mail: 'queued' | 'sent' | 'held' | 'failed';
  /** When the clock runs out that a mail started. */
  readonly clock: number | null;
  readonly ended: number | null;
  readonly disowned: number | null;
}

interface Account {
  readonly email: string;
  readonly password: string;
  readonly since: number;
  readonly seen: number | null;
}

export interface People {
  readonly signUps: Readonly<Record<string, SignUp>>;
  readonly accounts: Readonly<Record<string, Account>>;
}

interface On {
  readonly id: string;
  readonly now: number;
}

type SignUpOperation =
  | ({ readonly do: 'sign up'; readonly email: string } & On)
  | ({ readonly do: 'ask' | 'held' | 'failed' | 'end' | 'disown' | 'find' | 'find by browser' } & On)
  | ({ readonly do: 'sent'; readonly sentAt: number } & On);

type AccountOperation =
  | ({ readonly do: 'create'; readonly email: string } & On)
  | ({ readonly do: 'find user' | 'log in' } & On)
  | ({ readonly do: 'rehash'; readonly from: string; readonly to: string } & On)
  | { readonly do: 'find user by email'; readonly email: string; readonly now: number };

export type PeopleOperation =
  | SignUpOperation
  | AccountOperation
  | { readonly do: 'find by email'; readonly email: string; readonly now: number }
  | { readonly do: 'purge'; readonly limit: number; readonly now: number };

export type PeopleAnswer = Registration | User | MailRequest | boolean | string | number | null | undefined;

const endOf = ({ since, clock }: SignUp) => Math.min(since + LIFE, clock ?? Number.POSITIVE_INFINITY);
const lives = (one: SignUp, now: number) => one.ended === null && now < endOf(one);

/** As the port takes and gives it. */
export function registrationOf(id: string, one: SignUp): Registration {
  return aRegistration({
    id: id as RegistrationId,
    email: anEmail(one.email),
    browserHash: `browser of ${id}` as SecretHash,
    link: { keyId: 'k1', nonce: `nonce of ${id}`, secretHash: `secret of ${id}` as SecretHash },
    mail: one.mail,
    mailRequestedAt: new Date(one.asked),
    createdAt: new Date(one.since),
    endsAt: new Date(one.since + LIFE),
    expiresAt: new Date(endOf(one)),
    endedAt: one.ended === null ? null : new Date(one.ended),
    disownedAt: one.disowned === null ? null : new Date(one.disowned),
  });
}

/** As the port takes and gives it. */
export function userOf(id: string, { email, password, since, seen }: Account): User {
  const [createdAt, lastLoginAt] = [new Date(since), seen === null ? null : new Date(seen)];
  return aUser({ id: id as UserId, email: anEmail(email), passwordHash: password as PasswordHash, createdAt, lastLoginAt });
}

export function newSignUp(email: string, now: number): SignUp {
  return { email, since: now, asked: now, mail: 'queued', clock: null, ended: null, disowned: null };
}

export function newAccount(email: string, now: number): Account {
  return { email, password: 'first', since: now, seen: null };
}

type Allowed = Outcome<People, PeopleAnswer>[];

/** What the repositories of registrations and of users may do. */
export function peopleRules(people: People, operation: PeopleOperation, alone: boolean): Allowed {
  switch (operation.do) {
    case 'purge':
      return purge(people, operation, alone);
    case 'find by email':
      return newest(people, operation).map((answer) => ({ state: people, answer }));
    case 'find user by email':
    case 'find user':
    case 'create':
    case 'rehash':
    case 'log in':
      return [ofAccounts(people, operation)];
    default:
      return [ofSignUps(people, operation)];
  }
}

function ofSignUps(people: People, operation: SignUpOperation): Outcome<People, PeopleAnswer> {
  const { id, now } = operation;
  const becomes = (next: SignUp) => ({ ...people, signUps: { ...people.signUps, [id]: next } });
  if (operation.do === 'sign up') return { state: becomes(newSignUp(operation.email, now)), answer: undefined };

  const one = people.signUps[id];
  const isLive = one !== undefined && lives(one, now);
  switch (operation.do) {
    case 'find':
    case 'find by browser':
      return { state: people, answer: isLive ? registrationOf(id, one) : null };
    case 'ask': {
      if (!isLive) return { state: people, answer: { kind: 'gone' } };
      const availableAt = one.asked + COOLDOWN;
      if (now < availableAt) return { state: people, answer: { kind: 'too-soon', availableAt: new Date(availableAt) } };
      const next = { ...one, asked: now, mail: 'queued', clock: null } as const;
      return { state: becomes(next), answer: { kind: 'requested', registration: registrationOf(id, next) } };
    }
    default: {
      if (!isLive) return { state: people, answer: false };
      if (operation.do === 'sent') return { state: becomes({ ...one, mail: 'sent', clock: operation.sentAt + TTL }), answer: true };
      if (operation.do === 'end') return { state: becomes({ ...one, ended: now }), answer: true };
      if (operation.do === 'disown') return { state: becomes({ ...one, disowned: one.disowned ?? now }), answer: true };
      return { state: becomes({ ...one, mail: operation.do }), answer: true };
    }
  }
}

function ofAccounts(people: People, operation: AccountOperation): Outcome<People, PeopleAnswer> {
  const holder = (email: string) => Object.entries(people.accounts).find(([, account]) => account.email === email);
  if (operation.do === 'find user by email') {
    const [id, account] = holder(operation.email) ?? [];
    return { state: people, answer: id === undefined || account === undefined ? null : userOf(id, account) };
  }

  const { id, now } = operation;
  const account = people.accounts[id];
  const becomes = (next: Account) => ({ ...people, accounts: { ...people.accounts, [id]: next } });
  switch (operation.do) {
    case 'create':
      if (account !== undefined) return { state: people, answer: 'id-taken' };
      if (holder(operation.email) !== undefined) return { state: people, answer: 'email-taken' };
      return { state: becomes(newAccount(operation.email, now)), answer: 'created' };
    case 'find user':
      return { state: people, answer: account === undefined ? null : userOf(id, account) };
    case 'rehash':
      if (account?.password !== operation.from) return { state: people, answer: false };
      return { state: becomes({ ...account, password: operation.to }), answer: true };
    case 'log in':
      if (account === undefined || now <= (account.seen ?? Number.NEGATIVE_INFINITY)) return { state: people, answer: undefined };
      return { state: becomes({ ...account, seen: now }), answer: undefined };
  }
}

/** The newest of an address that nobody disowned: any of those of the same instant. */
function newest({ signUps }: People, { email, now }: { email: string; now: number }): (Registration | null)[] {
  const live = Object.entries(signUps).filter(([, one]) => one.email === email && one.disowned === null && lives(one, now));
  const latest = Math.max(...live.map(([, one]) => one.since));
  return live.length === 0 ? [null] : live.filter(([, one]) => one.since === latest).map(([id, one]) => registrationOf(id, one));
}

/** Any of the dead; alone as many as it may, while others are at it perhaps fewer. Never an account. */
function purge(people: People, { now, limit }: { now: number; limit: number }, alone: boolean): Allowed {
  const dead = Object.entries(people.signUps).flatMap(([id, one]) => (lives(one, now) ? [] : [id]));
  const most = Math.min(limit, dead.length);
  const counts = alone ? [most] : Array.from({ length: most + 1 }, (_, count) => count);
  const without = (gone: readonly string[]) => Object.fromEntries(Object.entries(people.signUps).filter(([id]) => !gone.includes(id)));
  return counts.flatMap((count) =>
    choices(dead, count).map((gone) => ({ state: count === 0 ? people : { ...people, signUps: without(gone) }, answer: count })),
  );
}
