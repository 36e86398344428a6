import { setTimeout as sleep } from 'node:timers/promises';
import type { MailTransport } from '#application/ports/mail-transport.ts';
import type { DeliveryRound } from '#application/use-cases/deliver-mail.ts';
import { Unavailable } from '#application/unavailable.ts';

export interface DispatcherDeps {
  readonly deliverMail: { execute(worker: { owner: string }): Promise<DeliveryRound> };
  readonly transport: Pick<MailTransport, 'probe'>;
  /** Unique to this process; each worker adds its number. */
  readonly owner: string;
  readonly workers: number;
  /** How long an idle worker waits before it looks again: other instances' messages wake nobody here. */
  readonly pollMs: number;
  /** How long a faulty transport rests between probes. */
  readonly probeEveryMs: number;
  /** Told once of each outage: of the database, or of what nobody expected. */
  readonly onError: (error: unknown) => void;
  /** Told when the transport goes down and when it is back. */
  readonly onTransport: (state: 'down' | 'up') => void;
}

export interface Dispatcher {
  /** Lets idle workers look at once. */
  wake(): void;
  isTransportDown(): boolean;
  /** Takes up nothing more, and waits for what is being sent. May be called twice. */
  stop(): Promise<void>;
}

/** Keeps the outbox moving: so many workers, each taking up one message after another until none is due. */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const stopping = new AbortController();
  let bell = new AbortController();
  let transportDown: Promise<void> | null = null;
  let failing = false;

  const rest = (ms: number) =>
    sleep(ms, undefined, { signal: AbortSignal.any([stopping.signal, bell.signal]) }).catch(() => {
      // Woken, or told to stop; both are reasons to look up.
    });

  /** Nobody sends while the server is at fault; one prober for all finds out when it is back. */
  const untilTransportIsBack = async () => {
    deps.onTransport('down');
    do {
      await sleep(deps.probeEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    } while (!stopping.signal.aborted && !(await deps.transport.probe()));
    transportDown = null;
    if (!stopping.signal.aborted) deps.onTransport('up');
  };

  const round = async (owner: string) => {
    try {
      const done = await deps.deliverMail.execute({ owner });
      failing = false;
      if (done === 'transport-down') transportDown ??= untilTransportIsBack();
      if (done === 'idle') await rest(deps.pollMs);
    } catch (error) {
      if (!failing || !(error instanceof Unavailable)) deps.onError(error);
      failing = true;
      await sleep(deps.pollMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  const work = async (owner: string) => {
    while (!stopping.signal.aborted) {
      if (transportDown !== null) await transportDown;
      else await round(owner);
    }
  };

  const workers = Array.from({ length: deps.workers }, (_, number) => work(`${deps.owner}:${number}`));
  return {
    wake: () => {
      bell.abort();
      bell = new AbortController();
    },
    isTransportDown: () => transportDown !== null,
    stop: async () => {
      stopping.abort();
      await Promise.all(workers);
    },
  };
}
