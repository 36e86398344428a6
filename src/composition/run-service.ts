import type { Config } from './config.ts';
import { type OpenSettings, openSallyport } from './sallyport.ts';
import { createHttpServer } from '#adapters/inbound/express/http-server.ts';
import { createLogger } from '#adapters/outbound/system/logger.ts';

const STOP_MS = 10_000;

/** Runs the service as a process of its own: listens, and on SIGTERM or SIGINT finishes what is in flight and ends. */
export async function runService(config: Config, { adapt }: Pick<OpenSettings, 'adapt'> = {}): Promise<void> {
  const logger = createLogger({ level: config.logLevel });
  const waiting = new AbortController();
  let stop = async () => waiting.abort();

  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait.
    for (const each of ['SIGTERM', 'SIGINT'] as const) process.on(each, () => process.exit(1));
    logger.info({ event: 'sys_shutdown', signal }, 'Stopping.');
    setTimeout(() => process.exit(1), STOP_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => crash(error),
    );
  };
  const crash = (error: unknown) => {
    logger.fatal({ event: 'sys_crash', err: error }, 'Sallyport ends.');
    process.exit(1);
  };
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  process.once('uncaughtException', crash).once('unhandledRejection', crash);

  try {
    const threadPoolSize = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
    const sallyport = await openSallyport(config, { logger, threadPoolSize, signal: waiting.signal, adapt });
    const http = createHttpServer(sallyport.app);
    await http.listen(config.http);
    stop = async () => {
      sallyport.announceStop();
      await http.stop(STOP_MS / 2);
      await sallyport.close();
    };
    announce(config, logger);
  } catch (error) {
    if (waiting.signal.aborted) process.exit(0);
    process.stderr.write(`Sallyport cannot start: ${error instanceof Error ? error.message : 'unknown'}\n`);
    crash(error);
  }
}

/** For people on stderr, for machines in the log. */
function announce(config: Config, logger: { info(line: object, text: string): void; warn(text: string): void }): void {
  const { publicUrl, host, port } = config.http;
  if (config.verifyProof === 'token') {
    logger.warn("VERIFY_PROOF=token: a mailed link alone confirms, so a stranger's sign-up can be confirmed by its victim.");
  }
  logger.info(
    { event: 'sys_startup', host, port, persistence: config.persistence.kind, limiter: config.limiter.kind, mail: config.mail.kind },
    'Sallyport listens.',
  );
  const inbox = config.mail.kind === 'catcher' ? `\n  Inbox   ${publicUrl}/dev/inbox` : '';
  process.stderr.write(`\n  Sallyport\n  Open    ${publicUrl}\n  API     ${publicUrl}/trpc${inbox}\n  Health  ${publicUrl}/readyz\n\n`);
}
