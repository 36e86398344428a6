import type { Logger } from 'pino';
import { createLogger } from '#adapters/outbound/system/logger.ts';

/** A logger, and all that it wrote. */
export function logLines(level = 'debug'): { logger: Logger; lines: () => unknown[]; text: () => string } {
  const written: string[] = [];
  const logger = createLogger({ level, destination: { write: (line) => written.push(line) } });
  const text = () => written.join('');
  return {
    logger,
    text,
    lines: () =>
      text()
        .split(/\r\n|[\n\r\u0085\u2028\u2029]/)
        .filter(Boolean)
        .map((line): unknown => JSON.parse(line)),
  };
}
