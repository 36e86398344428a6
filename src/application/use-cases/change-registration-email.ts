import type { Client } from '../client.ts';
import { type InvalidInput, invalidInput } from '../invalid-input.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';
import type { UserRepository } from '../ports/user-repository.ts';
import { startRegistration } from '../start-registration.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import type { RegistrationReceipt } from './register-user.ts';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import { userIdOf } from '#domain/ids.ts';
import { registerBuckets } from '#domain/limits.ts';
import type { Registration } from '#domain/registration.ts';
import { err, ok, type Result } from '#domain/result.ts';

export interface ChangeRegistrationEmailDeps extends LimitDeps {
  readonly registrations: RegistrationRepository;
  readonly users: UserRepository;
  readonly outbox: Outbox;
  readonly tokens: TokenMint;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly policy: { readonly ttlMs: number };
}

export interface ChangeRegistrationEmailCommand {
  readonly email: string;
  readonly browserSecret: string | null;
  readonly client: Client;
}

export type ChangeRegistrationEmailError = InvalidInput | TooManyRequests | { readonly code: 'already-verified' };

/** "Wrong address? Change it": the same sign-up under another address, and the mail at the wrong one stops working. */
export class ChangeRegistrationEmail {
  readonly #deps: ChangeRegistrationEmailDeps;

  constructor(deps: ChangeRegistrationEmailDeps) {
    this.#deps = deps;
  }

  async execute(command: ChangeRegistrationEmailCommand): Promise<Result<RegistrationReceipt, ChangeRegistrationEmailError>> {
    const { registrations, users, tokens, clock } = this.#deps;
    const now = clock.now();

    const email = parseEmailAddress(command.email);
    if (!email.ok) return invalidInput({ email: email.error });

    return withinLimits<RegistrationReceipt, ChangeRegistrationEmailError>(
      this.#deps,
      registerBuckets(command.client.ip),
      command.client,
      async () => {
        const browserHash = command.browserSecret === null ? null : tokens.browsers.hash(command.browserSecret);
        const current = browserHash === null ? null : await registrations.findLive({ browserHash }, now);
        if (current === null) return invalidInput({ registration: 'required' });
        if ((await users.find(userIdOf(current.id))) !== null) return err({ code: 'already-verified' });
        return ok(await this.#move(current, email.value, command.client, now));
      },
    );
  }

  /** The new one first, then its mail, then the end of the old one: a crash in between leaves a sign-up that works. */
  async #move(current: Registration, email: EmailAddress, client: Client, now: Date): Promise<RegistrationReceipt> {
    const { registrations, tokens, ids, securityLog, policy } = this.#deps;
    const id = ids.registration();
    const browser = tokens.browsers.create();

    const registration: Registration = {
      ...current,
      id,
      email,
      browserHash: browser.hash,
      link: tokens.links.create(id),
      mail: 'queued',
      mailRequestedAt: now,
      createdAt: now,
      expiresAt: current.endsAt,
      disownedAt: null,
    };
    await startRegistration(this.#deps, { registration, client, now });
    await registrations.end(current.id, now);

    securityLog.record({ event: 'registration_created', registrationId: id, email }, client);
    return { ttlMs: policy.ttlMs, browser: { token: browser.secret, expiresAt: current.endsAt } };
  }
}
