import type { MessageId, RegistrationId, SessionId, UserId } from '#domain/ids.ts';

/** Makes identifiers that nobody can guess: at least 120 random bits, in characters that a URL, a header and a file name bear. */
export interface Ids {
  registration(): RegistrationId;
  user(): UserId;
  session(): SessionId;
  message(): MessageId;
  device(): string;
}
