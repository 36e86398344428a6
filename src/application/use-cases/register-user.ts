import type { Client } from '../client.ts';
import { type InvalidInput, invalidInput } from '../invalid-input.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { PasswordBlocklist } from '../ports/password-blocklist.ts';
import type { PasswordHasher } from '../ports/password-hasher.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';
import type { CookieToken } from '../sign-in.ts';
import { startRegistration } from '../start-registration.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import { registerBuckets } from '#domain/limits.ts';
import { findPasswordProblem, isHashablePassword, type PasswordProblem } from '#domain/password-policy.ts';
import { type PersonName, parsePersonName } from '#domain/person-name.ts';
import type { Registration } from '#domain/registration.ts';
import { err, ok, type Result } from '#domain/result.ts';

export interface RegisterUserDeps extends LimitDeps {
  readonly registrations: RegistrationRepository;
  readonly outbox: Outbox;
  readonly hasher: PasswordHasher;
  readonly blocklist: PasswordBlocklist;
  readonly tokens: TokenMint;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly policy: RegistrationPolicy;
}

export interface RegistrationPolicy {
  readonly appName: string;
  readonly passwordMinLength: number;
  /** From the mail that left to the end. */
  readonly ttlMs: number;
  /** From the sign-up to its last moment. */
  readonly maxAgeMs: number;
}

export interface RegisterUserCommand {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly client: Client;
}

export interface RegistrationReceipt {
  readonly ttlMs: number;
  /** For the `registration` cookie. */
  readonly browser: CookieToken;
}

export type RegisterUserError = InvalidInput | TooManyRequests | { readonly code: 'weak-password'; readonly problem: PasswordProblem };

/** Signs somebody up. Never asks whether the address is taken: it does the same for every address, and the mail worker decides. */
export class RegisterUser {
  readonly #deps: RegisterUserDeps;

  constructor(deps: RegisterUserDeps) {
    this.#deps = deps;
  }

  async execute({ client, ...typed }: RegisterUserCommand): Promise<Result<RegistrationReceipt, RegisterUserError>> {
    const { blocklist, clock, policy } = this.#deps;
    const now = clock.now();

    const name = parsePersonName(typed.name);
    const email = parseEmailAddress(typed.email);
    const hashable = isHashablePassword(typed.password);
    if (!name.ok || !email.ok || !hashable) {
      return invalidInput({
        ...(name.ok ? {} : { name: name.error }),
        ...(email.ok ? {} : { email: email.error }),
        ...(hashable ? {} : { password: 'unusable' }),
      });
    }

    return withinLimits(this.#deps, registerBuckets(client.ip), client, async () => {
      const problem = findPasswordProblem(typed.password, {
        minLength: policy.passwordMinLength,
        appName: policy.appName,
        email: email.value,
        name: name.value,
        isCommon: (password) => blocklist.includes(password),
      });
      if (problem !== null) return err({ code: 'weak-password', problem });

      return ok(await this.#register({ name: name.value, email: email.value, password: typed.password, client, now }));
    });
  }

  async #register(valid: {
    name: PersonName;
    email: EmailAddress;
    password: string;
    client: Client;
    now: Date;
  }): Promise<RegistrationReceipt> {
    const { hasher, tokens, ids, securityLog, policy } = this.#deps;
    const { name, email, client, now } = valid;

    const id = ids.registration();
    const browser = tokens.browsers.create();
    const endsAt = new Date(now.getTime() + policy.maxAgeMs);
    const registration: Registration = {
      id,
      rootId: id,
      name,
      email,
      passwordHash: await hasher.hash(valid.password),
      browserHash: browser.hash,
      link: tokens.links.create(id),
      mail: 'queued',
      mailRequestedAt: now,
      createdAt: now,
      endsAt,
      expiresAt: endsAt,
      endedAt: null,
      disownedAt: null,
    };
    await startRegistration(this.#deps, { registration, client, now });

    securityLog.record({ event: 'registration_created', registrationId: id, email }, client);
    return { ttlMs: policy.ttlMs, browser: { token: browser.secret, expiresAt: endsAt } };
  }
}
