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
import type { PasswordHasher } from '#application/ports/password-hasher.ts';
import type { SecurityEvent, SecurityLog } from '#application/ports/security-log.ts';
import { ChangeRegistrationEmail } from '#application/use-cases/change-registration-email.ts';
import { DeliverMail } from '#application/use-cases/deliver-mail.ts';
import { DisownRegistration } from '#application/use-cases/disown-registration.ts';
import { GetProfile } from '#application/use-cases/get-profile.ts';
import { GetRegistration } from '#application/use-cases/get-registration.ts';
import { Login } from '#application/use-cases/login.ts';
import { Logout } from '#application/use-cases/logout.ts';
import { PurgeUnverified } from '#application/use-cases/purge-unverified.ts';
import { RegisterUser } from '#application/use-cases/register-user.ts';
import { ResendVerification } from '#application/use-cases/resend-verification.ts';
import { RotateRefresh } from '#application/use-cases/rotate-refresh.ts';
import { VerifyEmail } from '#application/use-cases/verify-email.ts';
import { bucketQuotas, type LimitSettings } from '#domain/limits.ts';

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

const keys = await generateKeys();
const jwtKeys = await importJwtKeys(keys.jwtKeys);

/** Every use case over the adapters that keep everything in memory, at a time and with limits that the test owns. */
export function openDoor(overrides: Overrides = {}) {
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
  const policies = {
    mail: {
      leaseMs: ms('40s'),
      maxAgeMs: ms('24h'),
      registrationTtlMs: ms('30m'),
      verifyUrl: 'https://app.example/verify',
      signInUrl: 'https://app.example/',
    },
  };
  const password = { appName: 'Lighthouse', passwordMinLength: 8 };
  const signIn = { session: { idleMs: ms('7d'), absoluteMs: ms('30d') }, deviceMs: ms('90d') };

  const useCases = {
    register: new RegisterUser({ ...deps, policy: { ...password, ttlMs: ms('30m'), maxAgeMs: ms('24h') } }),
    view: new GetRegistration(deps),
    resend: new ResendVerification({ ...deps, policy: { ttlMs: ms('30m') } }),
    change: new ChangeRegistrationEmail({ ...deps, policy: { ttlMs: ms('30m') } }),
    disown: new DisownRegistration(deps),
    verify: new VerifyEmail({ ...deps, policy: { ...password, ...signIn, proof: overrides.proof ?? 'required' } }),
    login: new Login({ ...deps, policy: signIn }),
    refresh: new RotateRefresh({ ...deps, policy: { graceMs: ms('60s'), idleMs: ms('7d') } }),
    logout: new Logout(deps),
    profile: new GetProfile(deps),
    deliver: new DeliverMail({ ...deps, policy: policies.mail }),
    purge: new PurgeUnverified({ ...deps, policy: { batch: 500 } }),
  };

  return { clock, hasher, limiter, registrations, users, sessions, outbox, transport, tokens, events, useCases, deps, policies };
}
