import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inForm, isLong, seed } from '../form.ts';
import { record, type Row } from '../record.ts';
import { Browser } from '../../support/browser.ts';
import { aRegistration, aUser, anEmail, DAY } from '../../support/builders.ts';
import { endAllServices, type RunningService, startService, temporaryFolder } from '../../support/service.ts';
import { PASSWORD } from '../../support/sign-up.ts';
import { type Comparison, isAlike, isTold } from './paired.ts';
import { type Call, Stopwatch } from './stopwatch.ts';
import { openSqlite } from '#adapters/outbound/sqlite/open-sqlite.ts';
import { SqliteRegistrationRepository } from '#adapters/outbound/sqlite/sqlite-registration-repository.ts';
import { SqliteUserRepository } from '#adapters/outbound/sqlite/sqlite-user-repository.ts';
import type { PasswordHash } from '#domain/ids.ts';

/** Each pair of a slow procedure takes as long as two hashes at least, of a fast one a few milliseconds. */
const SLOW = inForm({ short: 200, long: 1_000 });
const FAST = inForm({ short: 600, long: 4_000 });
/** Enough that no address is asked for twice within a minute, which a resend would be refused for. */
const PEOPLE = inForm({ short: 3_000, long: 20_000 });
const SIGN_UPS = 20;

const unlimited = Object.fromEntries(
  ['GLOBAL', 'REGISTER', 'LOGIN', 'LOGIN_ADDRESS', 'LOGIN_DEVICE', 'CONFIRM', 'RESEND', 'SESSION'].map((name) => [
    `LIMIT_${name}`,
    '1000000/15m',
  ]),
);
let drawn = 0;
const random = () => createHash('sha256').update(`${seed}:${drawn++}`).digest().readUInt32BE() / 2 ** 32;

/** A data folder with people in it: so many accounts, and as many sign-ups that wait. */
async function stockedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  const { database, close } = openSqlite(join(folder, 'data'));
  const now = new Date();
  const passwordHash = (await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })) as PasswordHash;
  const [users, registrations] = [new SqliteUserRepository(database), new SqliteRegistrationRepository(database)];
  const endsAt = new Date(now.getTime() + DAY);
  const times = { createdAt: now, mailRequestedAt: now, endsAt, expiresAt: endsAt };
  for (let n = 0; n < PEOPLE; n += 1) {
    await users.create(aUser({ email: anEmail(`taken-${n}@example.com`), passwordHash, createdAt: now }));
    await registrations.add(aRegistration({ email: anEmail(`pending-${n}@example.com`), passwordHash, ...times }));
  }
  close();
  return folder;
}

/** The cookies of browsers in the middle of a sign-up. */
async function cookiesOf(url: string, emails: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const cookies = new Map<string, string>();
  for (const email of emails) {
    const browser = new Browser(url);
    await browser.trpc.auth.register.mutate({ name: 'Ada', email, password: PASSWORD });
    cookies.set(email, await browser.jar.getCookieString(url));
  }
  return cookies;
}

let fresh = 0;
const addresses = {
  free: () => `free-${fresh++}@example.com`,
  unknown: () => `unknown-${fresh++}@example.com`,
  taken: (n: number) => `taken-${n % PEOPLE}@example.com`,
  pending: (n: number) => `pending-${n % PEOPLE}@example.com`,
};
type Kind = keyof typeof addresses;

const register = (email: string, more: Partial<Call> = {}): Call => ({
  ...{ procedure: 'auth.register', input: { name: 'Ada', email, password: PASSWORD } },
  ...more,
});
const resend = (email: string): Call => ({ procedure: 'auth.resendVerification', input: { email } });
const login = (email: string, more: Partial<Call> = {}): Call => ({
  ...{ procedure: 'auth.login', input: { email, password: 'not their password' } },
  ...more,
});

const rows: Row[] = [];
function note(procedure: string, first: string, second: string, { pairs, medianMs, medianDifferenceMs, z }: Comparison): void {
  const figures = {
    pairs,
    'median, ms': medianMs.toFixed(2),
    'median difference, ms': medianDifferenceMs.toFixed(3),
    'Wilcoxon z': z.toFixed(2),
  };
  rows.push({ procedure, 'one against': first, 'the other': second, ...figures });
}
afterAll(async () => {
  await record('timing', rows);
  await endAllServices();
});

describe(`a stranger with a clock (SEED=${seed}) cannot tell`, () => {
  let service: RunningService;
  let cookies: ReadonlyMap<string, string>;
  let watch: Stopwatch;
  beforeAll(async () => {
    service = await startService({ env: { ...unlimited, PURGE_CRON: '0 0 1 1 *', LOG_LEVEL: 'warn' }, folder: await stockedFolder() });
    const kinds = ['taken', 'pending'] as const;
    const emails = kinds.flatMap((kind) => Array.from({ length: SIGN_UPS }, (_, n) => addresses[kind](n)));
    cookies = await cookiesOf(service.url, [...emails, 'bystander@example.com']);
    watch = new Stopwatch(service.url, random);
  }, 120_000);
  afterAll(() => watch?.close());

  const alike = async (procedure: string, names: [string, string], calls: [(n: number) => Call, (n: number) => Call], count: number) => {
    const comparison = await watch.compare(...calls, count);
    note(procedure, ...names, comparison);
    expect(isAlike(comparison), JSON.stringify(comparison)).toBe(true);
  };
  const timeout = inForm({ short: 120_000, long: 900_000 });

  it.each<[Kind, Kind]>([['free', 'taken'], ...(isLong ? ([['free', 'pending']] as [Kind, Kind][]) : [])])(
    'by register, %s from %s',
    (first, second) =>
      alike('register', [first, second], [(n) => register(addresses[first](n)), (n) => register(addresses[second](n))], SLOW),
    timeout,
  );

  it.runIf(isLong)(
    'by register from a browser in the middle of a sign-up, free from taken',
    () => {
      const bystander = { cookie: cookies.get('bystander@example.com') ?? '' };
      const calls = (kind: Kind) => (n: number) => register(addresses[kind](n), bystander);
      return alike('register, with a cookie', ['free', 'taken'], [calls('free'), calls('taken')], SLOW);
    },
    timeout,
  );

  it.each<[Kind, Kind]>([
    ['unknown', 'taken'],
    ['unknown', 'pending'],
  ])(
    'by resendVerification, %s from %s',
    (first, second) => alike('resend', [first, second], [(n) => resend(addresses[first](n)), (n) => resend(addresses[second](n))], FAST),
    timeout,
  );

  it.each<[Kind, Kind]>([['unknown', 'taken'], ...(isLong ? ([['unknown', 'pending']] as [Kind, Kind][]) : [])])(
    'by login with a wrong password, %s from %s',
    (first, second) => alike('login', [first, second], [(n) => login(addresses[first](n)), (n) => login(addresses[second](n))], SLOW),
    timeout,
  );

  it(
    'by login from the browser of a sign-up, whether somebody else has its address',
    () => {
      const calls = (kind: Kind) => (n: number) => {
        const email = addresses[kind](n % SIGN_UPS);
        return login(email, { cookie: cookies.get(email) ?? '' });
      };
      return alike('login, with its cookie', ['pending', 'taken'], [calls('pending'), calls('taken')], SLOW);
    },
    timeout,
  );

  it.runIf(isLong)(
    'by login from the browser of another sign-up, unknown from taken',
    () => {
      const bystander = { cookie: cookies.get('bystander@example.com') ?? '' };
      const calls = (kind: Kind) => (n: number) => login(addresses[kind](n), bystander);
      return alike("login, with another's cookie", ['unknown', 'taken'], [calls('unknown'), calls('taken')], SLOW);
    },
    timeout,
  );
});

it('would tell, were the dummy hash taken out', async () => {
  const entry = new URL('../../support/rigged-service.mjs', import.meta.url).pathname;
  const env = { ...unlimited, LOG_LEVEL: 'warn', UV_THREADPOOL_SIZE: '4', RIG: JSON.stringify({ noDummyHash: true }) };
  const service = await startService({ env, entry, folder: await stockedFolder() });
  const watch = new Stopwatch(service.url, random);
  const comparison = await watch.look(
    () => login(addresses.unknown()),
    (n) => login(addresses.taken(n)),
    SLOW,
  );
  watch.close();
  note('login, without the dummy hash', 'unknown', 'taken', comparison);
  expect(isTold(comparison), JSON.stringify(comparison)).toBe(true);
  expect(isAlike(comparison)).toBe(false);
}, 120_000);
