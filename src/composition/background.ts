import type { Container } from 'inversify';
import type { Logger } from 'pino';
import { tokens as T } from './tokens.ts';
import { startDispatcher } from '#adapters/inbound/scheduler/dispatcher.ts';
import { startPurgeSchedule } from '#adapters/inbound/scheduler/purge-schedule.ts';

export interface Background {
  readonly wake: () => void;
  readonly isTransportDown: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Starts what runs without being asked: the mail workers and the purge. */
export function startBackground(
  container: Container,
  { purgeCron, purgeRestMs, owner, logger }: { purgeCron: string; purgeRestMs: number; owner: string; logger: Logger },
): Background {
  const dispatcher = startDispatcher({
    deliverMail: container.get(T.deliverMail),
    transport: container.get(T.transport),
    owner,
    workers: 5,
    pollMs: 1_000,
    probeEveryMs: 5_000,
    onError: (error) => logger.error({ err: error }, 'Mails cannot be taken up; trying on.'),
    onTransport: (state) =>
      state === 'down'
        ? logger.error('The mail server refuses us or cannot be reached; mails wait, and it is asked again every 5 s.')
        : logger.info('The mail server is back; waiting mails leave.'),
  });
  const schedule = startPurgeSchedule({
    cron: purgeCron,
    purgeUnverified: container.get(T.purgeUnverified),
    lease: container.get(T.lease),
    clock: container.get(T.clock),
    owner,
    restMs: purgeRestMs,
    onError: (error) => logger.error({ err: error }, 'The purge failed; the next one comes.'),
  });
  return {
    wake: dispatcher.wake,
    isTransportDown: dispatcher.isTransportDown,
    stop: async () => {
      await Promise.all([schedule.stop(), dispatcher.stop()]);
    },
  };
}
