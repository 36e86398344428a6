import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEmail } from '../../support/builders.ts';
import { inForm } from '../form.ts';
import { compare, compareRace, type Experiment } from './moments.ts';
import { RacyPurge, RacyRegistrations, RacyUsers } from './racy-registry.ts';
import {
  COOLDOWN,
  LIFE,
  newAccount,
  newSignUp,
  type People,
  type PeopleAnswer,
  type PeopleOperation,
  peopleRules,
  registrationOf,
  TTL,
  userOf,
} from './registration-model.ts';
import { overEveryStore, type Store } from './stores.ts';
import { MemoryRegistrationRepository } from '#adapters/outbound/memory/memory-registration-repository.ts';
import { MemoryUserRepository } from '#adapters/outbound/memory/memory-user-repository.ts';
import type { PasswordHash, RegistrationId, SecretHash, UserId } from '#domain/ids.ts';

interface Choice {
  readonly do: PeopleOperation['do'];
  readonly who: number;
  readonly email: string;
  readonly skew: number;
  readonly limit: number;
  /** When a mail left, in ms before now. */
  readonly ago: number;
}

type Real = Pick<Store, 'registrations' | 'users'>;

const ADDRESSES = ['ada@example.com', 'grace@example.com'] as const;

const RUNS = {
  memory: { short: 200, long: 4_000 },
  sqlite: { short: 150, long: 1_500 },
  mongo: { short: 40, long: 400 },
  mongoSet: { short: 10, long: 100 },
};

const WEIGHTS: Readonly<Record<PeopleOperation['do'], number>> = {
  ...{ 'sign up': 4, ask: 6, sent: 4, held: 1, failed: 1, end: 1, disown: 3, purge: 3 },
  ...{ find: 2, 'find by browser': 2, 'find by email': 2 },
  ...{ create: 3, 'find user': 1, 'find user by email': 1, rehash: 1, 'log in': 1 },
};

const experiment: Experiment<People, Choice, PeopleOperation, PeopleAnswer, Real> = {
  pick: choiceOf(Object.entries(WEIGHTS)),
  common: choiceOf(Object.entries({ ask: 4, create: 4, purge: 2, end: 1, rehash: 1 })),
  wait: fc.oneof(
    { arbitrary: fc.constantFrom(0, 1, COOLDOWN / 2), weight: 4 },
    { arbitrary: fc.constantFrom(...[COOLDOWN, TTL].flatMap((limit) => [limit - 1, limit, limit + 1])), weight: 4 },
    { arbitrary: fc.constantFrom(LIFE - TTL, LIFE - 1, LIFE, LIFE + 1), weight: 1 },
  ),
  start: { signUps: {}, accounts: {} },
  rules: peopleRules,
  decide,
  perform,
  look: ({ signUps, accounts }, now) => [
    ...Object.keys(signUps).map((id) => ({ do: 'find', id, now }) as const),
    ...Object.keys(accounts).map((id) => ({ do: 'find user', id, now }) as const),
    ...ADDRESSES.map((email) => ({ do: 'find user by email', email, now }) as const),
  ],
};

function choiceOf(weights: readonly (readonly [string, number])[]): fc.Arbitrary<Choice> {
  return fc.record({
    do: fc.oneof(...weights.map(([what, weight]) => ({ arbitrary: fc.constant(what as Choice['do']), weight }))),
    who: fc.oneof({ arbitrary: fc.constant(0), weight: 2 }, { arbitrary: fc.nat({ max: 3 }), weight: 1 }),
    email: fc.constantFrom(...ADDRESSES),
    skew: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, { arbitrary: fc.constantFrom(-1, 1, -COOLDOWN, COOLDOWN), weight: 1 }),
    limit: fc.integer({ min: 1, max: 4 }),
    ago: fc.constantFrom(0, 1, COOLDOWN, TTL, LIFE),
  });
}

let made = 0;

/** Who is picked is one of the last four. Every second new user has the id of a registration, as a confirmed one has. */
function decide({ do: what, who, email, skew, limit, ago }: Choice, { signUps, accounts }: People, time: number): PeopleOperation {
  const now = time + skew;
  const signUp = Object.keys(signUps).at(-1 - who) ?? 'nobody';
  const account = Object.keys(accounts).at(who % 2) ?? 'nobody';
  switch (what) {
    case 'sign up':
      made += 1;
      return { do: what, id: `sign-up ${made}`, email, now };
    case 'create':
      made += 1;
      return { do: what, id: who % 2 === 0 ? signUp : `user ${made}`, email, now };
    case 'sent':
      return { do: what, id: signUp, sentAt: now - ago, now };
    case 'rehash':
      return { do: what, id: account, ...(who < 2 ? { from: 'first', to: 'second' } : { from: 'second', to: 'first' }), now };
    case 'find user':
    case 'log in':
      return { do: what, id: account, now };
    case 'find by email':
    case 'find user by email':
      return { do: what, email, now };
    case 'purge':
      return { do: what, limit, now };
    default:
      return { do: what, id: signUp, now };
  }
}

function perform({ registrations, users }: Real, operation: PeopleOperation): Promise<PeopleAnswer> {
  const now = new Date(operation.now);
  switch (operation.do) {
    case 'purge':
      return registrations.purge({ now, limit: operation.limit });
    case 'find by email':
      return registrations.findLive({ email: anEmail(operation.email).canonical }, now);
    case 'find user by email':
      return users.findByEmail(anEmail(operation.email).canonical);
    case 'create':
      return users.create(userOf(operation.id, newAccount(operation.email, operation.now)));
    case 'find user':
      return users.find(operation.id as UserId);
    case 'rehash':
      return users.replacePasswordHash({
        id: operation.id as UserId,
        from: operation.from as PasswordHash,
        to: operation.to as PasswordHash,
      });
    case 'log in':
      return users.recordLogin(operation.id as UserId, now).then(() => undefined);
    case 'sign up':
      return registrations.add(registrationOf(operation.id, newSignUp(operation.email, operation.now))).then(() => undefined);
    case 'find by browser':
      return registrations.findLive({ browserHash: `browser of ${operation.id}` as SecretHash }, now);
  }

  const id = operation.id as RegistrationId;
  switch (operation.do) {
    case 'find':
      return registrations.findLive({ id }, now);
    case 'ask':
      return registrations.requestMail({ id, now, cooldownMs: COOLDOWN });
    case 'sent':
      return registrations.recordMail(id, { mail: 'sent', sentAt: new Date(operation.sentAt), ttlMs: TTL }, now);
    case 'held':
    case 'failed':
      return registrations.recordMail(id, { mail: operation.do }, now);
    case 'end':
      return registrations.end(id, now);
    case 'disown':
      return registrations.disown(id, now);
  }
}

const four = ['first', 'second', 'third', 'fourth'];

/** Their clocks run out at this instant: for the purge, but not yet for the browsers that ask for another mail. */
const resendRacesPurge: { readonly first: readonly PeopleOperation[]; readonly atOnce: readonly PeopleOperation[] } = {
  first: four.flatMap((id): PeopleOperation[] => [
    { do: 'sign up', id, email: ADDRESSES[0], now: 0 },
    { do: 'sent', id, sentAt: 0, now: 1 },
  ]),
  atOnce: [
    ...four.flatMap((id): PeopleOperation[] => [
      { do: 'ask', id, now: TTL - 1 },
      { do: 'find', id, now: TTL - 1 },
    ]),
    ...[1, 2, 4].map((limit): PeopleOperation => ({ do: 'purge', limit, now: TTL })),
    { do: 'purge', limit: 4, now: TTL - 1 },
  ],
};

overEveryStore((empty, kind) => {
  it('keeps sign-ups and accounts as the model does, one at a time and all at once', async () => {
    await compare(experiment, empty, inForm(RUNS[kind]));
  }, 600_000);

  it('purges no sign-up whose clock a resend has stopped in time', async () => {
    await compareRace(experiment, resendRacesPurge, empty, inForm(RUNS[kind]));
  }, 600_000);
});

describe('the comparison notices', () => {
  const unexplained = /No order of these explains their answers/;

  it('users kept without a second look at the address', async () => {
    const open = async () => ({ registrations: new MemoryRegistrationRepository(), users: new RacyUsers() });
    await expect(compare(experiment, open, 1_000)).rejects.toThrow(unexplained);
  });

  it('a mail asked for without a second look at the cooldown', async () => {
    const open = async () => ({ registrations: new RacyRegistrations(), users: new MemoryUserRepository() });
    await expect(compare(experiment, open, 1_000)).rejects.toThrow(unexplained);
  });

  it('a purge without a second look at the clock', async () => {
    const open = async () => ({ registrations: new RacyPurge(), users: new MemoryUserRepository() });
    await expect(compareRace(experiment, resendRacesPurge, open, 100)).rejects.toThrow(unexplained);
  });
});
