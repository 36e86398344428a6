import { destination as toFile, type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** Names under which a secret could come along; their values never leave, at the top or one level down. */
const SECRETS = ['password', 'newPassword', 'token', 'accessToken', 'refreshToken', 'secret', 'cookie', 'set-cookie', 'authorization'];

/**
 * JSON lines on stdout: ISO time in UTC, level as a word, secrets struck out.
 * A reader that goes away (EPIPE) costs log lines, never the process.
 */
export function createLogger({ level, destination }: { level: string; destination?: DestinationStream }): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[redacted]' },
      serializers: { err: serializeError },
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

/** An error's kind, code and place, and those of its causes. Its message may hold an address or a query, so it goes in only for our own errors. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    ...('code' in error ? { code: String(error.code) } : {}),
    at: error.stack?.split('\n').slice(1, 8).join('\n'),
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
}
