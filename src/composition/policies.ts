import type { Config } from './config.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Longer than one try at sending and one probe (20 s), with 10 s for clocks that differ and some to spare. */
const MAIL_LEASE_MS = 40_000;

/** The part of the configuration that use cases go by. */
export function policiesOf(config: Config) {
  const signIn = { session: config.session, deviceMs: 90 * DAY_MS };
  const password = { appName: config.appName, passwordMinLength: config.passwordMinLength };
  return {
    register: { ...password, ...config.registration },
    resend: { ttlMs: config.registration.ttlMs },
    verify: { ...password, ...signIn, proof: config.verifyProof },
    login: signIn,
    refresh: { graceMs: config.refreshGraceMs, idleMs: config.session.idleMs },
    // SQLite deletes on the thread that answers requests, so most of the time is left to those; MongoDB does it elsewhere.
    purge: config.persistence.kind === 'sqlite' ? { batch: 100, restMs: 10 } : { batch: 1_000, restMs: 0 },
    mail: {
      leaseMs: MAIL_LEASE_MS,
      maxAgeMs: DAY_MS,
      registrationTtlMs: config.registration.ttlMs,
      verifyUrl: config.verifyUrl,
      signInUrl: `${new URL(config.verifyUrl).origin}/`,
    },
  };
}

export type Policies = ReturnType<typeof policiesOf>;
