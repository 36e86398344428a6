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
    const facts = 'email' in event ? { ...event, email: maskEmail(event.email) } : event;
    const line = { ...facts, ...(client === null ? {} : { ip: client.ip, requestId: client.requestId }) };
    if (WARNINGS.includes(event.event)) this.#logger.warn(line);
    else this.#logger.info(line);
  }
}
