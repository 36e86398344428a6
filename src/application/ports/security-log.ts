import type { Client } from '../client.ts';
import type { EmailAddress } from '#domain/email-address.ts';
import type { RegistrationId, SessionId, UserId } from '#domain/ids.ts';
import type { BucketName } from '#domain/limits.ts';

/** What a security officer wants to know, named after the OWASP Logging Vocabulary where it has a word. */
export type SecurityEvent =
  | { readonly event: 'registration_created'; readonly registrationId: RegistrationId; readonly email: EmailAddress }
  | { readonly event: 'registration_disowned'; readonly registrationId: RegistrationId }
  | { readonly event: 'user_created'; readonly userId: UserId; readonly registrationId: RegistrationId }
  | { readonly event: 'authn_login_success'; readonly userId: UserId; readonly sessionId: SessionId }
  | { readonly event: 'authn_login_fail'; readonly email: EmailAddress }
  | { readonly event: 'authn_confirm_fail'; readonly registrationId: RegistrationId }
  | { readonly event: 'authn_token_reuse'; readonly userId: UserId; readonly sessionId: SessionId }
  | { readonly event: 'authn_token_revoked'; readonly userId: UserId; readonly sessionId: SessionId }
  | { readonly event: 'excess_rate_limit_exceeded'; readonly bucket: BucketName }
  | { readonly event: 'input_validation_fail'; readonly path: string }
  | { readonly event: 'malicious_csrf'; readonly path: string }
  | { readonly event: 'registrations_purged'; readonly count: number };

/** Writes security events, one line each, addresses masked. Never throws and never waits. */
export interface SecurityLog {
  /** `client` is `null` for what the service does by itself. */
  record(event: SecurityEvent, client: Client | null): void;
}
