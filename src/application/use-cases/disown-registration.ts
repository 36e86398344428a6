import type { Client } from '../client.ts';
import type { Clock } from '../ports/clock.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { confirmBuckets } from '#domain/limits.ts';
import { err, ok, type Result } from '#domain/result.ts';

export interface DisownRegistrationDeps extends LimitDeps {
  readonly registrations: RegistrationRepository;
  readonly tokens: TokenMint;
  readonly clock: Clock;
}

export interface DisownRegistrationCommand {
  readonly token: string;
  readonly client: Client;
}

export type DisownRegistrationError = TooManyRequests | { readonly code: 'invalid-or-expired-token' };

/** "This wasn't me": no more mail for this sign-up. Its link and its browser go on as before, so a machine that presses it hurts nobody. */
export class DisownRegistration {
  readonly #deps: DisownRegistrationDeps;

  constructor(deps: DisownRegistrationDeps) {
    this.#deps = deps;
  }

  async execute({ token, client }: DisownRegistrationCommand): Promise<Result<null, DisownRegistrationError>> {
    const { registrations, tokens, clock, securityLog } = this.#deps;
    const now = clock.now();
    const opened = tokens.links.open(token);

    return withinLimits(this.#deps, confirmBuckets(opened?.secretHash ?? null, client.ip), client, async () => {
      const registration = opened === null ? null : await registrations.findLive({ id: opened.registrationId }, now);
      if (registration === null || registration.link.secretHash !== opened?.secretHash) return err({ code: 'invalid-or-expired-token' });

      await registrations.disown(registration.id, now);
      securityLog.record({ event: 'registration_disowned', registrationId: registration.id }, client);
      return ok(null);
    });
  }
}
