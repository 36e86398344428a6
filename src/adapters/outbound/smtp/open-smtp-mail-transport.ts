import { createTransport, type SMTPPoolOptions } from 'nodemailer';
import { logIn } from './log-in.ts';
import { type Sender, SmtpMailTransport } from './smtp-mail-transport.ts';
import { parseSmtpUrl, type SmtpServer } from './smtp-server-url.ts';

/** In milliseconds. `send` and `probe` are totals; the others bound one silence of the server each. */
export interface SmtpDeadlines {
  readonly connectMs: number;
  readonly greetingMs: number;
  readonly silenceMs: number;
  readonly sendMs: number;
  readonly probeMs: number;
}

const SMTP_DEADLINES: SmtpDeadlines = { connectMs: 5_000, greetingMs: 5_000, silenceMs: 10_000, sendMs: 15_000, probeMs: 5_000 };

export interface SmtpMailTransportSettings {
  /** `smtp://` or `smtps://` `[user:password@]host[:port]`. */
  readonly url: string;
  /** False lets mail go in the clear where the server offers no STARTTLS. Certificates are checked all the same. */
  readonly requireTls: boolean;
  readonly from: Sender;
  /** The name in the letters. */
  readonly appName: string;
  readonly maxConnections?: number;
  readonly deadlines?: Partial<SmtpDeadlines>;
  /** PEM of the authority to trust instead of the public ones. */
  readonly authority?: string;
}

export interface OpenSmtpMailTransport {
  readonly transport: SmtpMailTransport;
  /** Closes the pool; deliveries under way come to their own end. May be called twice. */
  close(): void;
}

/** Connects with the first mail, not before. Throws when `url` is not one, without repeating it. */
export function openSmtpMailTransport(settings: SmtpMailTransportSettings): OpenSmtpMailTransport {
  const server = parseSmtpUrl(settings.url);
  if (server === null) throw new TypeError('A mail server is named as smtp(s)://[user:password@]host[:port]');

  const deadlines = { ...SMTP_DEADLINES, ...settings.deadlines };
  const connection = toConnectionOptions(server, settings, deadlines);
  const transporter = createTransport({ ...connection, pool: true, maxConnections: settings.maxConnections ?? 5, maxRequeues: 0 });

  const transport = new SmtpMailTransport({
    transporter,
    logIn: (signal) => logIn(connection, server.auth, signal),
    from: settings.from,
    appName: settings.appName,
    sendDeadlineMs: deadlines.sendMs,
    probeDeadlineMs: deadlines.probeMs,
  });
  return { transport, close: () => transporter.close() };
}

function toConnectionOptions(server: SmtpServer, settings: SmtpMailTransportSettings, deadlines: SmtpDeadlines): SMTPPoolOptions {
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: settings.requireTls && !server.secure,
    tls: {
      // Said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not reach here.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(settings.authority === undefined ? {} : { ca: settings.authority }),
    },
    // Without `forceAuth` a server that stops offering AUTH would be spoken to as a stranger.
    ...(server.auth === null ? {} : { auth: { ...server.auth }, forceAuth: true }),
    connectionTimeout: deadlines.connectMs,
    greetingTimeout: deadlines.greetingMs,
    dnsTimeout: deadlines.connectMs,
    socketTimeout: deadlines.silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
