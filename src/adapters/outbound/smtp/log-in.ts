import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import type { SmtpServer } from './smtp-server-url.ts';

/**
 * Connects, goes over to TLS, authenticates and leaves. Rejects with whatever stood in the way, or when `signal` fires.
 * Done by hand because nodemailer's `verify` cannot be cancelled: it would leave its socket to a server that stalls.
 */
export function logIn(options: SMTPConnectionOptions, auth: SmtpServer['auth'], signal: AbortSignal): Promise<void> {
  const connection = new SMTPConnection(options);

  const loggedIn = new Promise<void>((resolve, reject) => {
    const settle = (error: Error | null) => (error === null ? resolve() : reject(error));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    connection.on('error', reject);
    connection.once('end', () => reject(new Error('The mail server hung up')));
    connection.connect((error) => {
      if (error || auth === null) return settle(error ?? null);
      connection.login({ credentials: { ...auth } }, settle);
    });
  });

  return loggedIn.then(() => connection.quit()).finally(() => connection.close());
}
