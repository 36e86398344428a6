import type { Client } from '../client.ts';
import { type InvalidInput, invalidInput } from '../invalid-input.ts';
import { queueForStranger } from '../mail-queue.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';
import { giveBack, type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { mailNetwork } from '#domain/client-network.ts';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';
import { RESEND_COOLDOWN_MS, resendByAddressBuckets, resendByBrowserBuckets } from '#domain/limits.ts';
import type { Registration } from '#domain/registration.ts';
import { err, ok, type Result } from '#domain/result.ts';

export interface ResendVerificationDeps extends LimitDeps {
  readonly registrations: RegistrationRepository;
  readonly outbox: Outbox;
  readonly tokens: TokenMint;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly policy: { readonly ttlMs: number };
}

export interface ResendVerificationCommand {
  readonly email: string | null;
  readonly browserSecret: string | null;
  readonly client: Client;
}

export type ResendVerificationError = InvalidInput | TooManyRequests;

/** Asks for the mail once more: for a browser's own registration, or for whatever an address deserves. */
export class ResendVerification {
  readonly #deps: ResendVerificationDeps;

  constructor(deps: ResendVerificationDeps) {
    this.#deps = deps;
  }

  async execute(command: ResendVerificationCommand): Promise<Result<{ ttlMs: number }, ResendVerificationError>> {
    const { registrations, tokens, clock } = this.#deps;
    const now = clock.now();

    const email = command.email === null ? null : parseEmailAddress(command.email);
    if (email !== null && !email.ok) return invalidInput({ email: email.error });
    const address = email?.value ?? null;

    const browserHash = command.browserSecret === null ? null : tokens.browsers.hash(command.browserSecret);
    const own = browserHash === null ? null : await registrations.findLive({ browserHash }, now);
    const isOwn = own !== null && (address === null || address.canonical === own.email.canonical);

    if (isOwn) return this.#byBrowser(own, command.client, now);
    if (address !== null) return this.#byAddress(address, command.client, now);
    return invalidInput({ email: 'required' });
  }

  /** Turns the registration's clock back, then queues its mail: the next one to leave starts the clock again. */
  async #byBrowser(
    { id, rootId, email }: Registration,
    client: Client,
    now: Date,
  ): Promise<Result<{ ttlMs: number }, ResendVerificationError>> {
    const { registrations, limiter, policy } = this.#deps;
    const buckets = resendByBrowserBuckets(rootId, client.ip);

    return withinLimits<{ ttlMs: number }, ResendVerificationError>(this.#deps, buckets, client, async () => {
      const request = await registrations.requestMail({ id, now, cooldownMs: RESEND_COOLDOWN_MS });
      if (request.kind === 'gone') return invalidInput({ email: 'required' });
      if (request.kind === 'too-soon') {
        // It cost none of the registration's mails, but it was a request.
        await giveBack(
          limiter,
          buckets.filter(({ name }) => name === 'resend-registration'),
        );
        return err({ code: 'too-many-requests', retryAfterMs: request.availableAt.getTime() - now.getTime() });
      }
      await queueForStranger(this.#deps, {
        intent: { kind: 'registration', registrationId: id, email, network: mailNetwork(client.ip) },
        key: `registration:${id}:${now.getTime()}`,
        now,
      });
      return ok({ ttlMs: policy.ttlMs });
    });
  }

  /** Looks nothing up: whoever asks learns nothing, and no browser sees a change. */
  async #byAddress(email: EmailAddress, client: Client, now: Date): Promise<Result<{ ttlMs: number }, ResendVerificationError>> {
    return withinLimits(this.#deps, resendByAddressBuckets(email.canonical, client.ip), client, async () => {
      await queueForStranger(this.#deps, { intent: { kind: 'address', email, network: mailNetwork(client.ip) }, now });
      return ok({ ttlMs: this.#deps.policy.ttlMs });
    });
  }
}
