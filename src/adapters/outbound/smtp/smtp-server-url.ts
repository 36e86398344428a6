/** Where a mail server is and how to log in. `secure` is TLS from the first byte; otherwise STARTTLS. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | null;
}

/**
 * Reads `smtp://` or `smtps://` `[user:password@]host[:port]`; port 587 or 465 unless named. `null` for anything else.
 * A query is refused: nodemailer would take options from it, and one of them switches certificate checks off.
 */
export function parseSmtpUrl(text: string): SmtpServer | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);

  const secure = url.protocol === 'smtps:';
  if (!secure && url.protocol !== 'smtp:') return null;
  if (url.hostname === '' || !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return null;
  // One without the other is a slip that would otherwise mean no login at all.
  if ((url.username === '') !== (url.password === '')) return null;

  const user = decode(url.username);
  const pass = decode(url.password);
  if (user === null || pass === null) return null;

  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    auth: user === '' ? null : { user, pass },
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
