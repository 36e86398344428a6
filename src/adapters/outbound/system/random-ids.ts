import { randomBytes } from 'node:crypto';
import type { Ids } from '#application/ports/ids.ts';
import type { MessageId, RegistrationId, SessionId, UserId } from '#domain/ids.ts';

/** Ids of 128 random bits. */
export class RandomIds implements Ids {
  registration(): RegistrationId {
    return randomId() as RegistrationId;
  }

  user(): UserId {
    return randomId() as UserId;
  }

  session(): SessionId {
    return randomId() as SessionId;
  }

  message(): MessageId {
    return randomId() as MessageId;
  }

  device(): string {
    return randomId();
  }
}

/** 22 characters of base64url. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}
