import type { Client } from '../client.ts';
import { type InvalidInput, invalidInput } from '../invalid-input.ts';
import type { Clock } from '../ports/clock.ts';
import type { PasswordBlocklist } from '../ports/password-blocklist.ts';
import type { PasswordHasher } from '../ports/password-hasher.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { UserRepository } from '../ports/user-repository.ts';
import { type SignedIn, type SignInDeps, signIn } from '../sign-in.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { type PasswordHash, type UserId, userIdOf } from '#domain/ids.ts';
import { confirmBuckets } from '#domain/limits.ts';
import { findPasswordProblem, isHashablePassword, type PasswordProblem } from '#domain/password-policy.ts';
import { type PersonName, parsePersonName } from '#domain/person-name.ts';
import type { Registration } from '#domain/registration.ts';
import { err, ok, type Result } from '#domain/result.ts';
import type { User } from '#domain/user.ts';

export interface VerifyEmailDeps extends LimitDeps, SignInDeps {
  readonly registrations: RegistrationRepository;
  readonly users: UserRepository;
  readonly hasher: PasswordHasher;
  readonly blocklist: PasswordBlocklist;
  readonly clock: Clock;
  readonly policy: SignInDeps['policy'] & {
    readonly appName: string;
    readonly passwordMinLength: number;
    /** `token`: the link alone is proof, without a session. */
    readonly proof: 'required' | 'token';
  };
}

export interface VerifyEmailCommand {
  readonly token: string;
  readonly password: string | null;
  readonly newPassword: string | null;
  readonly name: string | null;
  readonly browserSecret: string | null;
  readonly client: Client;
}

export type VerifyEmailError =
  | InvalidInput
  | TooManyRequests
  | { readonly code: 'weak-password'; readonly problem: PasswordProblem }
  | { readonly code: 'invalid-or-expired-token' | 'already-verified' | 'account-exists' }
  | { readonly code: 'proof-required' | 'invalid-credentials'; readonly email: string };

type Proof = { readonly by: 'browser' | 'link' } | { readonly by: 'password'; readonly password: string } | NewOwner;
type NewOwner = { readonly by: 'new-password'; readonly newPassword: string; readonly name: PersonName };

/**
 * Confirms a registration: makes its user, and signs them in. The link alone is not enough, for a stranger may have signed up
 * with this mailbox: whoever presses it must hold the browser or the password of the sign-up, or set a password of their own.
 */
export class VerifyEmail {
  readonly #deps: VerifyEmailDeps;

  constructor(deps: VerifyEmailDeps) {
    this.#deps = deps;
  }

  async execute(command: VerifyEmailCommand): Promise<Result<SignedIn | null, VerifyEmailError>> {
    const { tokens, clock } = this.#deps;
    const now = clock.now();

    const offered = offeredProof(command);
    if (!offered.ok) return offered;
    const opened = tokens.links.open(command.token);

    return withinLimits(this.#deps, confirmBuckets(opened?.secretHash ?? null, command.client.ip), command.client, async () => {
      if (opened === null) return err({ code: 'invalid-or-expired-token' });
      const registration = await this.#deps.registrations.findLive({ id: opened.registrationId }, now);
      if (registration?.link.secretHash !== opened.secretHash) return err({ code: 'invalid-or-expired-token' });

      const refusal = await this.#whyNotConfirmable(registration);
      if (refusal !== null) return err({ code: refusal });

      const proof = this.#strongest(offered.value, registration, command.browserSecret);
      const owner = await this.#prove(proof, registration, command.client);
      if (!owner.ok) return owner;
      return this.#confirm({ registration, ...owner.value, withSession: proof.by !== 'link', client: command.client, now });
    });
  }

  async #whyNotConfirmable({ id, email }: Registration): Promise<'already-verified' | 'account-exists' | null> {
    const { users } = this.#deps;
    if ((await users.find(userIdOf(id))) !== null) return 'already-verified';
    if ((await users.findByEmail(email.canonical)) !== null) return 'account-exists';
    return null;
  }

  /** A new password stands for itself; otherwise the browser of the sign-up needs none. */
  #strongest(offered: Proof, registration: Registration, browserSecret: string | null): Proof {
    if (offered.by === 'new-password' || browserSecret === null) return offered;
    return this.#deps.tokens.browsers.hash(browserSecret) === registration.browserHash ? { by: 'browser' } : offered;
  }

  /** Whose the user will be: of the one who signed up, or, with a new password, of somebody of whom they learn nothing. */
  async #prove(
    proof: Proof,
    registration: Registration,
    client: Client,
  ): Promise<Result<Pick<User, 'id' | 'name' | 'passwordHash'>, VerifyEmailError>> {
    const { hasher, ids, securityLog, policy } = this.#deps;
    const signedUp: { id: UserId; name: PersonName; passwordHash: PasswordHash } = { ...registration, id: userIdOf(registration.id) };

    switch (proof.by) {
      case 'browser':
        return ok(signedUp);
      case 'link':
        return policy.proof === 'token' ? ok(signedUp) : err({ code: 'proof-required', email: registration.email.mailbox });
      case 'password': {
        if ((await hasher.verify(registration.passwordHash, proof.password)).matches) return ok(signedUp);
        securityLog.record({ event: 'authn_confirm_fail', registrationId: registration.id }, client);
        return err({ code: 'invalid-credentials', email: registration.email.mailbox });
      }
      case 'new-password': {
        const problem = this.#problemOf(proof, registration);
        if (problem !== null) return err({ code: 'weak-password', problem });
        return ok({ id: ids.user(), name: proof.name, passwordHash: await hasher.hash(proof.newPassword) });
      }
    }
  }

  #problemOf({ newPassword, name }: NewOwner, { email }: Registration): PasswordProblem | null {
    const { blocklist, policy } = this.#deps;
    const isCommon = (password: string) => blocklist.includes(password);
    return findPasswordProblem(newPassword, { minLength: policy.passwordMinLength, appName: policy.appName, email, name, isCommon });
  }

  async #confirm(
    confirmation: Pick<User, 'id' | 'name' | 'passwordHash'> & {
      registration: Registration;
      withSession: boolean;
      client: Client;
      now: Date;
    },
  ): Promise<Result<SignedIn | null, VerifyEmailError>> {
    const { users, securityLog } = this.#deps;
    const { id, name, passwordHash, registration, withSession, client, now } = confirmation;

    const user: User = { id, name, passwordHash, email: registration.email, createdAt: now, lastLoginAt: withSession ? now : null };
    const created = await users.create(user);
    if (created === 'id-taken') return err({ code: 'already-verified' });
    if (created === 'email-taken') return err({ code: 'account-exists' });
    securityLog.record({ event: 'user_created', userId: id, registrationId: registration.id }, client);
    if (!withSession) return ok(null);

    const signedIn = await signIn(this.#deps, { user, deviceId: null, now });
    securityLog.record({ event: 'authn_login_success', userId: id, sessionId: signedIn.sessionId }, client);
    return ok(signedIn);
  }
}

function offeredProof({ password, newPassword, name }: VerifyEmailCommand): Result<Proof, InvalidInput> {
  if (password !== null && newPassword !== null) return invalidInput({ newPassword: 'not-with-password' });
  if (newPassword === null && name !== null) return invalidInput({ name: 'only-with-new-password' });
  if (password !== null) return isHashablePassword(password) ? ok({ by: 'password', password }) : invalidInput({ password: 'unusable' });
  if (newPassword === null) return ok({ by: 'link' });

  if (name === null) return invalidInput({ name: 'required' });
  if (!isHashablePassword(newPassword)) return invalidInput({ newPassword: 'unusable' });
  const parsed = parsePersonName(name);
  return parsed.ok ? ok({ by: 'new-password', newPassword, name: parsed.value }) : invalidInput({ name: parsed.error });
}
