import type { Clock } from '../ports/clock.ts';
import type { Delivery, Letter, MailTransport } from '../ports/mail-transport.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { RegistrationRepository } from '../ports/registration-repository.ts';
import type { SessionRepository } from '../ports/session-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';
import type { UserRepository } from '../ports/user-repository.ts';
import { Unavailable } from '../unavailable.ts';
import { giveBack } from '../within-limits.ts';
import type { EmailAddress } from '#domain/email-address.ts';
import { userIdOf } from '#domain/ids.ts';
import { mailBuckets } from '#domain/limits.ts';
import type { MailIntent } from '#domain/mail-intent.ts';
import { type MessageOutcome, type OutboxMessage, retryDelayMs } from '#domain/outbox-message.ts';
import type { Registration } from '#domain/registration.ts';

export interface DeliverMailDeps {
  readonly outbox: Outbox;
  readonly registrations: RegistrationRepository;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly tokens: TokenMint;
  readonly limiter: RateLimiter;
  readonly transport: MailTransport;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly policy: MailPolicy;
}

export interface MailPolicy {
  /** Longer than the transport's deadlines together, with room for clocks that differ. */
  readonly leaseMs: number;
  /** A message older than this is given up when it fails. */
  readonly maxAgeMs: number;
  readonly registrationTtlMs: number;
  readonly verifyUrl: string;
  readonly signInUrl: string;
}

/** `transport-down`: the mail server is at fault; do not come back before it answers. */
export type DeliveryRound = 'idle' | 'settled' | 'transport-down';

type StrangersIntent = Exclude<MailIntent, { kind: 'refresh-reuse' }>;
type Plan = { readonly send: Letter; readonly to: EmailAddress } | { readonly settle: MessageOutcome };

/** Takes up one message, decides what its address deserves, and hands that to the mail server. */
export class DeliverMail {
  readonly #deps: DeliverMailDeps;

  constructor(deps: DeliverMailDeps) {
    this.#deps = deps;
  }

  async execute({ owner }: { owner: string }): Promise<DeliveryRound> {
    const { outbox, clock, policy } = this.#deps;
    const message = await outbox.claim({ owner, now: clock.now(), leaseMs: policy.leaseMs });
    if (message === null) return 'idle';

    const outcome = await this.#withinCap(message, () => this.#deliver(message, owner));
    await this.#settle(message, owner, outcome);
    return outcome.kind === 'returned' ? 'transport-down' : 'settled';
  }

  /**
   * The cap comes before everything that is looked up, so that being held tells nothing about the address. Its points come back
   * when the mail did not leave through no fault of its own; a mail that was put off has paid.
   */
  async #withinCap({ intent, failures }: OutboxMessage, deliver: () => Promise<MessageOutcome>): Promise<MessageOutcome> {
    const { limiter } = this.#deps;
    const buckets = intent.kind === 'refresh-reuse' || failures > 0 ? [] : mailBuckets(intent.email.canonical, intent.network);
    for (const bucket of buckets) {
      if ((await limiter.take(bucket)).kind === 'refused') return { kind: 'held' };
    }
    try {
      const outcome = await deliver();
      if (outcome.kind === 'returned') await giveBack(limiter, buckets);
      return outcome;
    } catch (error) {
      await giveBack(limiter, buckets);
      throw error;
    }
  }

  async #deliver(message: OutboxMessage, owner: string): Promise<MessageOutcome> {
    const { transport, clock } = this.#deps;
    try {
      const plan = await this.#decide(message, clock.now());
      if ('settle' in plan) return plan.settle;
      return await this.#judge(message, await transport.send({ messageId: message.id, to: plan.to, letter: plan.send }));
    } catch (error) {
      // What nobody foresaw would come again as often as the lease runs out: it waits longer each time, like a mail that is refused.
      if (!(error instanceof Unavailable)) await this.#settle(message, owner, this.#defer(message, 'it could not be handled'));
      throw error;
    }
  }

  async #decide({ intent }: OutboxMessage, now: Date): Promise<Plan> {
    if (intent.kind === 'refresh-reuse') return this.#planReuseNotice(intent, now);

    const by = intent.kind === 'registration' ? { id: intent.registrationId } : { email: intent.email.canonical };
    const registration = await this.#deps.registrations.findLive(by, now);
    if (intent.kind === 'registration' && registration === null) return { settle: { kind: 'dropped' } };
    // Its browser must see no difference, so everything is written as if the mail had been sent.
    if (intent.kind === 'registration' && registration?.disownedAt) return { settle: { kind: 'sent' } };
    return this.#planForAddress(intent, registration);
  }

  /** To the mailbox of the sign-up or the account, never to other spellings of it that somebody asked for: those may be another's. */
  async #planForAddress({ kind, email }: StrangersIntent, registration: Registration | null): Promise<Plan> {
    const { users, tokens, policy } = this.#deps;
    const account = await users.findByEmail(email.canonical);
    const toAccount: Plan =
      account === null
        ? { settle: { kind: 'dropped' } }
        : { to: account.email, send: { kind: 'account-exists', signInUrl: policy.signInUrl } };
    if (registration === null) return toAccount;

    // Its own browser knows that it is confirmed. Whoever asked by address is told of the account.
    if ((await users.find(userIdOf(registration.id))) !== null) return kind === 'address' ? toAccount : { settle: { kind: 'dropped' } };
    // Judged for a taken address as well, for what becomes of its mail must not tell it from a free one.
    const token = tokens.links.seal(registration.id, registration.link);
    if (token === null) return { settle: { kind: 'dead', why: 'the key of this link is gone' } };
    if (account !== null) return toAccount;

    const [link, disownLink] = [`${policy.verifyUrl}#token=${token}`, `${policy.verifyUrl}#disown=${token}`];
    return { to: registration.email, send: { kind: 'confirm-address', link, disownLink, livesMs: policy.registrationTtlMs } };
  }

  /** Whoever wrote the notice may have died before ending the session. */
  async #planReuseNotice(intent: Extract<MailIntent, { kind: 'refresh-reuse' }>, now: Date): Promise<Plan> {
    const { sessions, users } = this.#deps;
    await sessions.end({ id: intent.sessionId, reason: 'reuse', now });
    const user = await users.find(intent.userId);
    if (user === null) return { settle: { kind: 'dropped' } };
    return { to: user.email, send: { kind: 'session-ended', noticedAt: intent.noticedAt } };
  }

  async #judge(message: OutboxMessage, delivery: Delivery): Promise<MessageOutcome> {
    switch (delivery.kind) {
      case 'accepted':
        return { kind: 'sent' };
      case 'refused':
        return { kind: 'dead', why: delivery.why };
      case 'deferred':
        return this.#defer(message, delivery.why);
      case 'transport-fault':
        return { kind: 'returned' };
      case 'unanswered':
        // A server that stalls over one mail and a server that is gone look alike from here.
        return (await this.#deps.transport.probe()) ? this.#defer(message, delivery.why) : { kind: 'returned' };
    }
  }

  #defer(message: OutboxMessage, why: string): MessageOutcome {
    const { clock, random, policy } = this.#deps;
    const now = clock.now().getTime();
    if (now - message.createdAt.getTime() > policy.maxAgeMs) return { kind: 'dead', why };
    return { kind: 'deferred', dueAt: new Date(now + retryDelayMs(message.failures + 1, random())), why };
  }

  /** The registration learns of it first: a crash in between sends one more copy, and never leaves a sent mail without its clock. */
  async #settle({ id, intent }: OutboxMessage, owner: string, outcome: MessageOutcome): Promise<void> {
    const { outbox, registrations, clock, policy } = this.#deps;
    const now = clock.now();

    if (intent.kind === 'registration') {
      if (outcome.kind === 'sent')
        await registrations.recordMail(intent.registrationId, { mail: 'sent', sentAt: now, ttlMs: policy.registrationTtlMs }, now);
      if (outcome.kind === 'held') await registrations.recordMail(intent.registrationId, { mail: 'held' }, now);
      if (outcome.kind === 'dead') await registrations.recordMail(intent.registrationId, { mail: 'failed' }, now);
    }
    await outbox.settle({ id, owner, outcome, now });
  }
}
