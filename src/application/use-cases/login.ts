import type { Client } from '../client.ts';
import { type InvalidInput, invalidInput } from '../invalid-input.ts';
import type { Clock } from '../ports/clock.ts';
import type { PasswordHasher } from '../ports/password-hasher.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { UserRepository } from '../ports/user-repository.ts';
import { type SignedIn, type SignInDeps, signIn } from '../sign-in.ts';
import { Unavailable } from '../unavailable.ts';
import { giveBack, type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { type CanonicalEmail, type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import { userIdOf } from '#domain/ids.ts';
import { loginBuckets, refundedByLogin } from '#domain/limits.ts';
import { isHashablePassword } from '#domain/password-policy.ts';
import type { Registration } from '#domain/registration.ts';
import { err, ok, type Result } from '#domain/result.ts';
import type { User } from '#domain/user.ts';

export interface LoginDeps extends LimitDeps, SignInDeps {
  readonly users: UserRepository;
  readonly registrations: RegistrationRepository;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
}

export interface LoginCommand {
  readonly email: string;
  readonly password: string;
  readonly browserSecret: string | null;
  readonly deviceToken: string | null;
  readonly client: Client;
}

export type LoginError = InvalidInput | TooManyRequests | { readonly code: 'invalid-credentials' | 'email-not-verified' };

interface Attempt {
  readonly email: EmailAddress;
  readonly password: string;
  readonly browserSecret: string | null;
  readonly deviceId: string | null;
  readonly client: Client;
  readonly now: Date;
}

/** Signs somebody in by address and password. Unknown, wrong and unconfirmed get one answer at one price. */
export class Login {
  readonly #deps: LoginDeps;

  constructor(deps: LoginDeps) {
    this.#deps = deps;
  }

  async execute(command: LoginCommand): Promise<Result<SignedIn, LoginError>> {
    const { limiter, tokens, clock } = this.#deps;
    const now = clock.now();

    const email = parseEmailAddress(command.email);
    if (!email.ok) return invalidInput({ email: email.error });
    if (!isHashablePassword(command.password)) return invalidInput({ password: 'unusable' });

    const { canonical } = email.value;
    const deviceId = command.deviceToken === null ? null : tokens.devices.open(command.deviceToken, canonical, now);
    const buckets = loginBuckets(canonical, deviceId === null ? { ip: command.client.ip } : { deviceId });

    const outcome = await withinLimits(this.#deps, buckets, command.client, () =>
      this.#attempt({ ...command, email: email.value, deviceId, now }),
    );
    if (outcome.ok) await giveBack(limiter, refundedByLogin(buckets));
    return outcome;
  }

  async #attempt(attempt: Attempt): Promise<Result<SignedIn, LoginError>> {
    const { users, hasher, securityLog } = this.#deps;
    const { email, password, client } = attempt;

    const user = await users.findByEmail(email.canonical);
    const registration = await this.#ownRegistration(attempt, email.canonical);
    const check = await hasher.verify(user?.passwordHash ?? null, password);
    // The browser of a live sign-up pays for two hashes whatever comes out, so that the time tells it nothing either.
    const signUpMatches = registration !== null && (await hasher.verify(registration.passwordHash, password)).matches;

    if (user !== null && check.matches) return ok(await this.#admit(user, check.outdated, attempt));

    securityLog.record({ event: 'authn_login_fail', email }, client);
    if (signUpMatches && (await users.find(userIdOf(registration.id))) === null) return err({ code: 'email-not-verified' });
    return err({ code: 'invalid-credentials' });
  }

  async #ownRegistration({ browserSecret, now }: Attempt, email: CanonicalEmail): Promise<Registration | null> {
    const { registrations, tokens } = this.#deps;
    const browserHash = browserSecret === null ? null : tokens.browsers.hash(browserSecret);
    const registration = browserHash === null ? null : await registrations.findLive({ browserHash }, now);
    return registration?.email.canonical === email ? registration : null;
  }

  async #admit(user: User, outdated: boolean, { password, deviceId, client, now }: Attempt): Promise<SignedIn> {
    const { users, securityLog } = this.#deps;
    if (outdated) await this.#upgradeHash(user, password);
    await users.recordLogin(user.id, now);
    const signedIn = await signIn(this.#deps, { user: { ...user, lastLoginAt: now }, deviceId, now });
    securityLog.record({ event: 'authn_login_success', userId: user.id, sessionId: signedIn.sessionId }, client);
    return signedIn;
  }

  /** Conditional on the hash that was verified: a password changed meanwhile stays changed. May fail; the next login tries again. */
  async #upgradeHash({ id, passwordHash }: User, password: string): Promise<void> {
    const { users, hasher } = this.#deps;
    try {
      await users.replacePasswordHash({ id, from: passwordHash, to: await hasher.hash(password) });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}
