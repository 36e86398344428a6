import type { Clock } from '../ports/clock.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { SecurityLog } from '../ports/security-log.ts';
import type { SessionRepository } from '../ports/session-repository.ts';

export interface PurgeUnverifiedDeps {
  readonly registrations: RegistrationRepository;
  readonly sessions: SessionRepository;
  readonly outbox: Outbox;
  readonly securityLog: SecurityLog;
  readonly clock: Clock;
  /** How many of each kind go at once. */
  readonly policy: { readonly batch: number };
}

export interface Purged {
  readonly registrations: number;
  readonly sessions: number;
  readonly messages: number;
  /** Whether a batch was full, so that there may be more. */
  readonly more: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
const KEPT_MESSAGES = 100_000;

/** Removes one batch of what has run out: registrations, sessions, and messages done with. Accounts live elsewhere and cannot be touched. */
export class PurgeUnverified {
  readonly #deps: PurgeUnverifiedDeps;

  constructor(deps: PurgeUnverifiedDeps) {
    this.#deps = deps;
  }

  async execute(): Promise<Purged> {
    const { registrations, sessions, outbox, securityLog, clock, policy } = this.#deps;
    const limit = policy.batch;
    const now = clock.now();
    const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);

    const purged = {
      registrations: await registrations.purge({ now, limit }),
      sessions: await sessions.sweep({ now, limit }),
      messages: await outbox.sweep({ now, finishedBefore: daysAgo(1), deadBefore: daysAgo(14), keep: KEPT_MESSAGES, limit }),
    };
    if (purged.registrations > 0) securityLog.record({ event: 'registrations_purged', count: purged.registrations }, null);
    return { ...purged, more: Object.values(purged).some((count) => count >= limit) };
  }
}
