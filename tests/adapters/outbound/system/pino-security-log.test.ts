import { describe, expect, it } from 'vitest';
import { anEmail } from '../../../support/builders.ts';
import { logLines } from './log-lines.ts';
import { PinoSecurityLog } from '#adapters/outbound/system/pino-security-log.ts';
import type { SecurityEvent } from '#application/ports/security-log.ts';
import type { RegistrationId, SessionId, UserId } from '#domain/ids.ts';

const email = anEmail('Ada.Lovelace@Example.com');
const registrationId = 'registration-1' as RegistrationId;
const userId = 'user-1' as UserId;
const sessionId = 'session-1' as SessionId;
const client = { ip: '192.0.2.1', requestId: 'request-1' };
const masked = 'a***@example.com';

const EVERY_EVENT: [SecurityEvent, 'info' | 'warn', object][] = [
  [{ event: 'registration_created', registrationId, email }, 'info', { registrationId, email: masked }],
  [{ event: 'registration_disowned', registrationId }, 'info', { registrationId }],
  [{ event: 'user_created', userId, registrationId }, 'info', { userId, registrationId }],
  [{ event: 'authn_login_success', userId, sessionId }, 'info', { userId, sessionId }],
  [{ event: 'authn_login_fail', email }, 'warn', { email: masked }],
  [{ event: 'authn_confirm_fail', registrationId }, 'warn', { registrationId }],
  [{ event: 'authn_token_reuse', userId, sessionId }, 'warn', { userId, sessionId }],
  [{ event: 'authn_token_revoked', userId, sessionId }, 'info', { userId, sessionId }],
  [{ event: 'excess_rate_limit_exceeded', bucket: 'global-host' }, 'warn', { bucket: 'global-host' }],
  [{ event: 'input_validation_fail', path: 'auth.login' }, 'warn', { path: 'auth.login' }],
  [{ event: 'malicious_csrf', path: '/trpc/auth.login' }, 'warn', { path: '/trpc/auth.login' }],
  [{ event: 'registrations_purged', count: 3 }, 'info', { count: 3 }],
];

function record(event: SecurityEvent, by: typeof client | null) {
  const log = logLines();
  new PinoSecurityLog(log.logger).record(event, by);
  return { ...log, lines: log.lines() };
}

describe('a security event', () => {
  it.each(EVERY_EVENT)('$event is one line with its facts, who asked and when', (event, level, facts) => {
    expect(record(event, client).lines).toEqual([
      { time: expect.stringMatching(/Z$/), level, event: event.event, ...facts, ip: '192.0.2.1', requestId: 'request-1' },
    ]);
  });

  it('of the service itself names no client', () => {
    expect(record({ event: 'registrations_purged', count: 3 }, null).lines).toEqual([
      { time: expect.any(String), level: 'info', event: 'registrations_purged', count: 3 },
    ]);
  });

  it.each(EVERY_EVENT)('$event takes nothing along but its own facts', (event) => {
    const laden = { ...event, password: 'canary', level: 'canary', address: 'ada.lovelace@example.com', nested: { extra: 'canary' } };
    const { text } = record(laden, { ...client, ...{ userAgent: 'canary' } });
    expect(text()).not.toContain('canary');
    expect(text().toLowerCase()).not.toContain('lovelace');
  });

  it.each(EVERY_EVENT)('$event stays one line, whatever its fields hold', (event) => {
    const forged = 'x\r\n{"event":"forged"}\u0000\u001b[2K\u2028\u2029\u0085';
    const broken = Object.fromEntries(
      Object.entries(event).map(([name, value]) => [name, typeof value === 'string' && name !== 'event' ? forged : value]),
    );
    const { lines } = record(broken as SecurityEvent, { ip: forged, requestId: forged });
    expect(lines).toHaveLength(1);
    expect(lines).toMatchObject([{ event: event.event, ip: forged, requestId: forged }]);
  });
});
