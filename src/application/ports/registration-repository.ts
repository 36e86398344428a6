import type { RegistrationId } from '#domain/ids.ts';
import type { Registration, RegistrationLookup } from '#domain/registration.ts';

/** What a mail's fate does to its registration. */
export type MailRecord =
  /** Starts the clock: `expiresAt` becomes `clockEnd(registration, sentAt, ttlMs)`. */
  { readonly mail: 'sent'; readonly sentAt: Date; readonly ttlMs: number } | { readonly mail: 'held' } | { readonly mail: 'failed' };

export type MailRequest =
  | { readonly kind: 'requested'; readonly registration: Registration }
  | { readonly kind: 'too-soon'; readonly availableAt: Date }
  | { readonly kind: 'gone' };

/** Keeps sign-ups that are not yet proven. Every write requires the registration to be live: not ended, and before its `expiresAt`. */
export interface RegistrationRepository {
  /** Keeps a new registration. Any number may have the same address. */
  add(registration: Registration): Promise<void>;

  /** The registration, if it is live at `now`; by address the newest live one that is not disowned. `null` otherwise. */
  findLive(by: RegistrationLookup, now: Date): Promise<Registration | null>;

  /**
   * Asks for another mail in one atomic step: sets `mail` to `queued`, `mailRequestedAt` to `now` and `expiresAt` back to `endsAt`.
   *
   * - `requested`: done; of concurrent callers exactly one in a cooldown.
   * - `too-soon`: `mailRequestedAt + cooldownMs` is after `now`. Nothing changes.
   * - `gone`: not live at `now`. Nothing changes.
   */
  requestMail(request: { id: RegistrationId; now: Date; cooldownMs: number }): Promise<MailRequest>;

  /** Records what became of its mail, in one atomic step. False, and nothing changes, unless live at `now`. */
  recordMail(id: RegistrationId, record: MailRecord, now: Date): Promise<boolean>;

  /** Ends it before its time; nothing clears that. False, and nothing changes, unless live at `now`. */
  end(id: RegistrationId, now: Date): Promise<boolean>;

  /** Notes that the mailbox's owner wants no more mail for it; the first time stays. False, and nothing changes, unless live at `now`. */
  disown(id: RegistrationId, now: Date): Promise<boolean>;

  /**
   * Deletes at most `limit` registrations that are not live at `now`, and answers how many went.
   * The condition is part of the delete itself, so a resend that moves `expiresAt` meanwhile wins.
   */
  purge(purge: { now: Date; limit: number }): Promise<number>;
}
