import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

const MAX_MAIL_BYTES = 256 * 1024;
const MAX_MAILS = 200;
const MAX_CLIENTS = 50;
const CLOSING_GRACE_MS = 250;

/** A mail as the developer's inbox shows it. `links` are the http(s) links of the HTML, each once; `html` is empty if it had none. */
export interface CaughtMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly receivedAt: Date;
}

export interface MailCatcher {
  /** For a transport that does not require TLS. */
  readonly smtpUrl: string;
  /** Newest first, the last 200. */
  list(): CaughtMail[];
  /** May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens a mail server on loopback that takes every mail up to 256 kB and delivers none.
 * `port` 0 takes a free one.
 */
export async function openMailCatcher({ port = 0, now }: { port?: number; now: () => Date }): Promise<MailCatcher> {
  const mails: CaughtMail[] = [];
  let caught = 0;

  const server = new SMTPServer({
    size: MAX_MAIL_BYTES,
    maxClients: MAX_CLIENTS,
    closeTimeout: CLOSING_GRACE_MS,
    // The certificate that smtp-server brings has a public key pair, so no TLS is better than that one.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, done) {
      catchMail(stream, session).then((mail) => {
        caught += 1;
        mails.unshift({ ...mail, id: String(caught), receivedAt: now() });
        mails.length = Math.min(mails.length, MAX_MAILS);
        done();
      }, done);
    },
  });
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {});

  const listener = server.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  const { port: listeningPort } = listener.address() as AddressInfo;

  let closed: Promise<void> | undefined;
  return {
    smtpUrl: `smtp://127.0.0.1:${listeningPort}`,
    list: () => structuredClone(mails),
    close: () => (closed ??= new Promise((resolve) => server.close(resolve))),
  };
}

async function catchMail(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<Omit<CaughtMail, 'id' | 'receivedAt'>> {
  const raw = await readBounded(stream);
  if (raw === null) throw Object.assign(new Error('5.3.4 Message too big'), { responseCode: 552 });

  const mail = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true });
  const html = mail.html || '';
  return {
    to: session.envelope.rcptTo.map(({ address }) => address).join(', '),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html,
    links: linksIn(html),
  };
}

/** Reads to the end whatever the size, because the client speaks on; keeps no more than a mail may hold. */
async function readBounded(stream: SMTPServerDataStream): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_MAIL_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_MAIL_BYTES ? Buffer.concat(chunks) : null;
}

const HREF = /<a\b[^>]*?\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const ENTITIES: Record<string, string> = { '&amp;': '&', '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>' };

function linksIn(html: string): string[] {
  const hrefs = Array.from(html.matchAll(HREF), ([, double, single]) => double ?? single ?? '');
  const links = hrefs.map((href) => href.replace(/&(?:amp|quot|#39|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity));
  return [...new Set(links)].filter((link) => /^https?:\/\//i.test(link));
}
