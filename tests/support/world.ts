import { expect } from 'vitest';
import { breakable } from './faults.ts';
import { CountingHasher } from './counting-hasher.ts';
import { LimiterLedger } from './limiter-ledger.ts';
import { SmallOutbox } from './small-outbox.ts';
import { ms, TestClock } from './test-clock.ts';
import { CommonPasswordBlocklist } from '#adapters/outbound/crypto/common-password-blocklist.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { HmacTokenMint } from '#adapters/outbound/crypto/hmac-token-mint.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys } from '#adapters/outbound/crypto/jwt-keys.ts';
import { parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';
import { MemoryMailTransport } from '#adapters/outbound/memory/memory-mail-transport.ts';
import { MemoryPasswordHasher } from '#adapters/outbound/memory/memory-password-hasher.ts';
import { MemoryRegistrationRepository } from '#adapters/outbound/memory/memory-registration-repository.ts';
import { MemorySessionRepository } from '#adapters/outbound/memory/memory-session-repository.ts';
import { MemoryUserRepository } from '#adapters/outbound/memory/memory-user-repository.ts';
import { RandomIds } from '#adapters/outbound/system/random-ids.ts';
import type { Client } from '#application/client.ts';
import type { PasswordHasher } from '#application/ports/password-hasher.ts';
import type { SecurityEvent, SecurityLog } from '#application/ports/security-log.ts';
import type { SignedIn } from '#application/sign-in.ts';
import { DeliverMail, type DeliveryRound } from '#application/use-cases/deliver-mail.ts';
import { GetProfile } from '#application/use-cases/get-profile.ts';
import { GetRegistration } from '#application/use-cases/get-registration.ts';
import { Login } from '#application/use-cases/login.ts';
import { Logout } from '#application/use-cases/logout.ts';
import { PurgeUnverified } from '#application/use-cases/purge-unverified.ts';
import { RegisterUser } from '#application/use-cases/register-user.ts';
import { ResendVerification } from '#application/use-cases/resend-verification.ts';
import { RotateRefresh } from '#application/use-cases/rotate-refresh.ts';
import { VerifyEmail } from '#application/use-cases/verify-email.ts';
import { type CanonicalEmail, type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import { bucketQuotas, type LimitSettings } from '#domain/limits.ts';
import type { Result } from '#domain/result.ts';
import type { User } from '#domain/user.ts';

/** One person's browser: where it is, and its cookie jar. */
export interface Browser {
  ip: string;
  browserSecret: string | null;
  deviceToken: string | null;
  refreshToken: string | null;
  accessToken: string | null;
}

export interface Overrides {
  readonly limits?: Partial<LimitSettings>;
  readonly proof?: 'required' | 'token';
  readonly outboxCapacity?: number;
  readonly hasher?: PasswordHasher;
  readonly random?: () => number;
}

const quarter = (points: number) => ({ points, windowMs: ms('15m') });

/** The limits as they are shipped. */
const LIMITS: LimitSettings = {
  global: quarter(300),
  register: quarter(30),
  login: quarter(50),
  loginAddress: quarter(10),
  loginDevice: quarter(10),
  confirm: quarter(60),
  resend: { points: 3, windowMs: ms('1h') },
  session: quarter(600),
  mailPerAddress: { points: 20, windowMs: ms('1d') },
};

export const PASSWORD = 'a quiet lighthouse';
export const NAME = 'Ada Lovelace';
export const ADDRESS = 'ada@example.com';

const keys = await generateKeys();
const jwtKeys = await importJwtKeys(keys.jwtKeys);

export type World = ReturnType<typeof createWorld>;

/** The whole application over the adapters that keep everything in memory, at a time and with limits that the test owns. */
export function createWorld(overrides: Overrides = {}) {
  const clock = new TestClock();
  const hasher = new CountingHasher(overrides.hasher ?? new MemoryPasswordHasher());
  const limiter = new LimiterLedger(bucketQuotas({ ...LIMITS, ...overrides.limits }));
  const registrations = breakable(new MemoryRegistrationRepository());
  const users = breakable(new MemoryUserRepository());
  const sessions = breakable(new MemorySessionRepository());
  const outbox = breakable(new SmallOutbox(overrides.outboxCapacity ?? 1_000));
  const transport = new MemoryMailTransport();
  const tokens = new HmacTokenMint(parseTokenKeys(keys.tokenKeys));
  const events: SecurityEvent[] = [];
  const securityLog: SecurityLog = { record: (event) => events.push(event) };

  const deps = {
    ...{ clock, hasher, limiter, transport, tokens, securityLog },
    ...{ registrations: registrations.port, users: users.port, sessions: sessions.port, outbox: outbox.port },
    ids: new RandomIds(),
    blocklist: new CommonPasswordBlocklist(),
    accessTokens: new JoseAccessTokens({ keys: jwtKeys, issuer: 'https://door.example', ttlMs: ms('15m') }),
    random: overrides.random ?? (() => 0),
  };
  const password = { appName: 'Lighthouse', passwordMinLength: 8 };
  const signIn = { session: { idleMs: ms('7d'), absoluteMs: ms('30d') }, deviceMs: ms('90d') };

  const useCases = {
    register: new RegisterUser({ ...deps, policy: { ...password, ttlMs: ms('30m'), maxAgeMs: ms('24h') } }),
    view: new GetRegistration(deps),
    resend: new ResendVerification({ ...deps, policy: { ttlMs: ms('30m') } }),
    verify: new VerifyEmail({ ...deps, policy: { ...password, ...signIn, proof: overrides.proof ?? 'required' } }),
    login: new Login({ ...deps, policy: signIn }),
    refresh: new RotateRefresh({ ...deps, policy: { graceMs: ms('60s'), idleMs: ms('7d') } }),
    logout: new Logout(deps),
    profile: new GetProfile(deps),
    deliver: new DeliverMail({
      ...deps,
      policy: {
        leaseMs: ms('40s'),
        maxAgeMs: ms('24h'),
        registrationTtlMs: ms('30m'),
        verifyUrl: 'https://app.example/verify',
        signInUrl: 'https://app.example/',
      },
    }),
    purge: new PurgeUnverified(deps),
  };

  const nextIp = addresses();
  let worker = 0;

  const world = {
    ...{ clock, hasher, limiter, registrations, users, sessions, outbox, transport, tokens, events, useCases, deps },

    /** A browser with an empty jar, in a network of its own unless told otherwise. */
    browser: (ip = nextIp()): Browser => ({ ip, browserSecret: null, deviceToken: null, refreshToken: null, accessToken: null }),

    async register(browser: Browser, { email = ADDRESS, name = NAME, password = PASSWORD } = {}) {
      const result = await useCases.register.execute({ email, name, password, client: clientOf(browser) });
      if (result.ok) browser.browserSecret = result.value.browser.token;
      return result;
    },

    view: (browser: Browser) => useCases.view.execute({ browserSecret: browser.browserSecret, client: clientOf(browser) }),

    resend: (browser: Browser, email: string | null = null) =>
      useCases.resend.execute({ email, browserSecret: browser.browserSecret, client: clientOf(browser) }),

    async verify(browser: Browser, token: string, proof: { password?: string; newPassword?: string; name?: string } = {}) {
      const { password = null, newPassword = null, name = null } = proof;
      const { browserSecret } = browser;
      const result = await useCases.verify.execute({ token, password, newPassword, name, browserSecret, client: clientOf(browser) });
      if (result.ok && result.value !== null) keep(browser, result.value);
      return result;
    },

    async login(browser: Browser, { email = ADDRESS, password = PASSWORD } = {}) {
      const { browserSecret, deviceToken } = browser;
      const result = await useCases.login.execute({ email, password, browserSecret, deviceToken, client: clientOf(browser) });
      if (result.ok) keep(browser, result.value);
      return result;
    },

    async refresh(browser: Browser, refreshToken = browser.refreshToken) {
      const result = await useCases.refresh.execute({ refreshToken, client: clientOf(browser) });
      if (result.ok) {
        browser.refreshToken = result.value.refresh.token;
        browser.accessToken = result.value.access.token;
      }
      return result;
    },

    logout: (browser: Browser, refreshToken = browser.refreshToken) => useCases.logout.execute({ refreshToken, client: clientOf(browser) }),

    me: (browser: Browser, accessToken = browser.accessToken) => useCases.profile.execute({ accessToken, client: clientOf(browser) }),

    purge: () => useCases.purge.execute(),

    deliver: (owner = `worker ${++worker}`): Promise<DeliveryRound> => useCases.deliver.execute({ owner }),

    /** Lets a worker do all that is due, or all until the mail server is at fault. Answers what each round came to. */
    async deliverAll(): Promise<DeliveryRound[]> {
      const rounds: DeliveryRound[] = [];
      for (;;) {
        const round = await world.deliver();
        if (round === 'idle') return rounds;
        rounds.push(round);
        if (round === 'transport-down') return rounds;
      }
    },

    /** The letters that came to an address, oldest first. */
    lettersTo: (email = ADDRESS) =>
      transport.taken.filter(({ to }) => to.canonical === emailOf(email).canonical).map(({ letter }) => letter),

    /** The tokens in the links that came to an address, oldest first. */
    tokensTo: (email = ADDRESS): string[] =>
      world.lettersTo(email).flatMap((letter) => (letter.kind === 'confirm-address' ? [letter.link.split('#token=')[1] ?? ''] : [])),

    /** The token in the latest link that came to an address. */
    linkFor(email = ADDRESS): string {
      const token = world.tokensTo(email).at(-1);
      if (token === undefined) throw new Error(`No link came to ${email}.`);
      return token;
    },

    /** A sign-up whose link has come. */
    async signUp(browser: Browser, typed: { email?: string; name?: string; password?: string } = {}): Promise<string> {
      valueOf(await world.register(browser, typed));
      await world.deliverAll();
      return world.linkFor(typed.email);
    },

    /** Somebody with an account, signed in. */
    async member(typed: { email?: string; name?: string; password?: string } = {}): Promise<Browser> {
      const browser = world.browser();
      valueOf(await world.verify(browser, await world.signUp(browser, typed)));
      browser.browserSecret = null;
      return browser;
    },

    user: (email = ADDRESS): Promise<User | null> => users.port.findByEmail(emailOf(email).canonical as CanonicalEmail),
  };
  return world;
}

export function clientOf({ ip }: Browser): Client {
  return { ip, requestId: 'request-1' };
}

export function emailOf(typed: string): EmailAddress {
  return valueOf(parseEmailAddress(typed));
}

/** The value of what went well; fails the test otherwise. */
export function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) expect.fail(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The error of what was refused; fails the test otherwise. */
export function errorOf<E>(result: Result<unknown, E>): E {
  if (result.ok) expect.fail(`went well: ${JSON.stringify(result.value)}`);
  return result.error;
}

/** Both sign-in procedures set the refresh and the device cookie and clear the registration's. */
function keep(browser: Browser, { refresh, device, access }: SignedIn): void {
  browser.refreshToken = refresh.token;
  browser.deviceToken = device.token;
  browser.accessToken = access.token;
  browser.browserSecret = null;
}

/** Addresses that share no network with each other. */
function addresses(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `10.${count >> 8}.${count & 255}.1`;
  };
}
