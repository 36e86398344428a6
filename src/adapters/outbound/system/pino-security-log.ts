import type { Logger } from 'pino';
import type { Client } from '#application/client.ts';
import type { SecurityEvent, SecurityLog } from '#application/ports/security-log.ts';
import { maskEmail } from '#domain/email-address.ts';

const WARNINGS: readonly SecurityEvent['event'][] = [
  'authn_login_fail',
  'authn_confirm_fail',
  'authn_token_reuse',
  'excess_rate_limit_exceeded',
  'input_validation_fail',
  'malicious_csrf',
];

/** One JSON line an event. JSON escapes whatever could break or forge a line. */
export class PinoSecurityLog implements SecurityLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  record(event: SecurityEvent, client: Client | null): void {
    const line = { event: event.event, ...factsOf(event), ...(client === null ? {} : { ip: client.ip, requestId: client.requestId }) };
    if (WARNINGS.includes(event.event)) this.#logger.warn(line);
    else this.#logger.info(line);
  }
}

/** Field by field: what else an event's object may carry at runtime stays out of the log. */
function factsOf(event: SecurityEvent): Record<string, string | number> {
  switch (event.event) {
    case 'registration_created':
      return { registrationId: event.registrationId, email: maskEmail(event.email) };
    case 'registration_disowned':
    case 'authn_confirm_fail':
      return { registrationId: event.registrationId };
    case 'user_created':
      return { userId: event.userId, registrationId: event.registrationId };
    case 'authn_login_fail':
      return { email: maskEmail(event.email) };
    case 'authn_login_success':
    case 'authn_token_reuse':
    case 'authn_token_revoked':
      return { userId: event.userId, sessionId: event.sessionId };
    case 'excess_rate_limit_exceeded':
      return { bucket: event.bucket };
    case 'input_validation_fail':
    case 'malicious_csrf':
      return { path: event.path };
    case 'registrations_purged':
      return { count: event.count };
  }
}
