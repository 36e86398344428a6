import type { NodemailerError } from 'nodemailer';
import type { Delivery } from '#application/ports/mail-transport.ts';

export type FailedDelivery = Exclude<Delivery, { kind: 'accepted' }>;

/** How a connection that once stood is lost. Any other socket error is TLS or the connecting itself. */
const LOST = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * What a failed send means, or `null` if it has nothing to do with the mail server.
 *
 * nodemailer's own `permanent` is no help: it is true for a 535 to AUTH and a 550 to MAIL FROM, which say nothing about the mail.
 */
export function judgeFailure(error: unknown): FailedDelivery | null {
  if (!(error instanceof Error)) return null;
  const failure: NodemailerError = error;
  const why = describe(failure);

  switch (failure.code) {
    case 'EENVELOPE':
    case 'EMESSAGE':
      return failure.command === 'RCPT TO' || failure.command === 'DATA' ? judgeReply(failure, why) : { kind: 'transport-fault', why };
    case 'EAUTH':
    case 'ETLS':
    case 'EDNS':
    // A greeting or HELO that is no welcome.
    case 'EPROTOCOL':
      return { kind: 'transport-fault', why };
    case 'ESOCKET':
      return { kind: isLost(failure) ? 'unanswered' : 'transport-fault', why };
    case 'ECONNECTION':
      return { kind: failure.command === 'EHLO' ? 'transport-fault' : 'unanswered', why };
    // A stall at RCPT or after DATA carries the command `CONN`, just as a dead server does.
    case 'ETIMEDOUT':
    case 'EABORT':
      return { kind: 'unanswered', why };
    default:
      return null;
  }
}

/** Postfix refuses relaying and senders at RCPT, quotas come as 5.4.5, sandboxes as 5.7.x at DATA: all of these may pass. */
function judgeReply({ responseCode, response }: NodemailerError, why: string): FailedDelivery {
  if (responseCode === undefined) return { kind: 'unanswered', why };
  if (responseCode < 500) return { kind: 'deferred', why };
  const enhanced = enhancedCode(response);
  return { kind: enhanced === null || /^5\.[12]\./.test(enhanced) ? 'refused' : 'deferred', why };
}

function isLost({ originalCode, syscall }: NodemailerError): boolean {
  return originalCode !== undefined && LOST.has(originalCode) && syscall !== 'connect';
}

/** Codes and the command only. The server's own words may hold addresses, and the command of a login its secret. */
function describe({ code, command, originalCode, timeoutType, responseCode, response }: NodemailerError): string {
  const reply = responseCode === undefined ? 'no reply' : [responseCode, enhancedCode(response)].filter((part) => part !== null).join(' ');
  const step = /^(?:AUTH|EHLO|HELO|STARTTLS|MAIL FROM|RCPT TO|DATA|CONN)\b/.exec(command ?? '')?.[0];
  return [reply, step && `at ${step}`, `(${timeoutType ?? originalCode ?? code})`].filter((part) => part !== undefined).join(' ');
}

/** RFC 3463, as RFC 2034 puts it at the head of a reply. */
function enhancedCode(response: string | undefined): string | null {
  return /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(response ?? '')?.[1] ?? null;
}
