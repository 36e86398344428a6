import type { Client } from '../client.ts';
import type { Clock } from '../ports/clock.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';
import type { UserRepository } from '../ports/user-repository.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { userIdOf } from '#domain/ids.ts';
import { RESEND_COOLDOWN_MS, sessionBuckets } from '#domain/limits.ts';
import { type MailState, resendAvailableAt } from '#domain/registration.ts';
import { ok, type Result } from '#domain/result.ts';

export interface GetRegistrationDeps extends LimitDeps {
  readonly registrations: RegistrationRepository;
  readonly users: UserRepository;
  readonly tokens: TokenMint;
  readonly clock: Clock;
}

/** What a browser may see of its own registration: the same whether or not an account has the address. */
export interface RegistrationView {
  readonly email: string;
  /** `confirmed`: by this very registration. */
  readonly state: 'waiting' | 'confirmed';
  readonly mail: MailState;
  /** `null` while the mail is queued: its clock has not started. */
  readonly expiresAt: Date | null;
  readonly resendAvailableAt: Date;
}

/** Shows a browser how its own sign-up stands. */
export class GetRegistration {
  readonly #deps: GetRegistrationDeps;

  constructor(deps: GetRegistrationDeps) {
    this.#deps = deps;
  }

  async execute(query: { browserSecret: string | null; client: Client }): Promise<Result<RegistrationView | null, TooManyRequests>> {
    const { registrations, users, tokens, clock } = this.#deps;
    const now = clock.now();

    // The secret is random, so only a look at what is kept tells a genuine one: one indexed read, before the count.
    const browserHash = query.browserSecret === null ? null : tokens.browsers.hash(query.browserSecret);
    const registration = browserHash === null ? null : await registrations.findLive({ browserHash }, now);

    return withinLimits(this.#deps, sessionBuckets(registration?.id ?? null, query.client.ip), query.client, async () => {
      if (registration === null) return ok(null);
      const confirmed = (await users.find(userIdOf(registration.id))) !== null;
      return ok({
        email: registration.email.mailbox,
        state: confirmed ? 'confirmed' : 'waiting',
        mail: registration.mail,
        expiresAt: registration.mail === 'queued' ? null : registration.expiresAt,
        resendAvailableAt: resendAvailableAt(registration, RESEND_COOLDOWN_MS),
      });
    });
  }
}
