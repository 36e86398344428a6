import { destination as toFile, type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { Unavailable } from '#application/unavailable.ts';

/** Names under which a secret could come along; their values never leave, at the top or up to two levels down. */
const SECRETS = [
  ...['password', 'newPassword', 'passwordHash', 'secret', 'secretHash'],
  ...['token', 'accessToken', 'refreshToken', 'tokenKeys', 'jwtKeys', 'TOKEN_KEYS', 'JWT_KEYS'],
  ...['cookie', 'set-cookie', 'authorization'],
  ...['MONGODB_URI', 'REDIS_URL', 'SMTP_URL'],
];

/** What JSON leaves as it is and a reader could take for a new line, a terminal's command or a turn of the text. */
const UNSAFE = /[\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g;

const DEEPEST_CAUSE = 4;

/**
 * JSON lines on stdout: ISO time in UTC, level as a word, secrets struck out.
 * A reader that goes away (EPIPE) costs log lines, never the process.
 */
export function createLogger({ level, destination }: { level: string; destination?: DestinationStream }): Logger {
  return pino(
    {
      level,
      base: null,
      // Under its usual key an error without words beside it would lend the line its own message.
      errorKey: 'thrown',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]), censor: '[redacted]' },
      serializers: { err: (error: unknown) => serializeError(error) },
      hooks: { streamWrite: (line) => line.replace(UNSAFE, escaped) },
    },
    destination ?? stdout(),
  );
}

function stdout(): DestinationStream {
  const stream = toFile({ dest: 1, sync: true });
  stream.on('error', () => {
    // Nobody reads any more; there is nowhere left to say so.
  });
  return stream;
}

/** An error's kind, code and place, and those of its causes. Its message may hold an address or a query, so only our own goes in. */
function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    ...(error instanceof Unavailable ? { message: error.message } : {}),
    ...('code' in error ? { code: String(error.code) } : {}),
    at: framesOf(error),
    ...(error.cause === undefined || depth === DEEPEST_CAUSE ? {} : { cause: serializeError(error.cause, depth + 1) }),
  };
}

/** A stack begins with the message, which may have many lines. */
function framesOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^ {4}at .+:\d+:\d+\)?$/.test(line));
  return frames.slice(0, 7).join('\n');
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
