import { Bell } from './bell.ts';
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
  /**
   * Takes up nothing more, and waits for what is being sent, but no longer than the deadline: a message left behind is
   * taken up again when its lease has run out. May be called twice.
   */
  stop(deadlineMs?: number): Promise<void>;
}

const STOP_MS = 4_000;

/** Keeps the outbox moving: so many workers, each taking up one message after another until none is due. */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const crew = new Crew(deps);
  const working = crew.start();
  return {
    wake: () => crew.wake(),
    isTransportDown: () => crew.isTransportDown,
    stop: async (deadlineMs = STOP_MS) => {
      crew.stop();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadlineMs);
      });
      await Promise.race([working, late]);
      clearTimeout(timer);
      crew.leave();
    },
  };
}

class Crew {
  readonly #deps: DispatcherDeps;
  /** Rings for new messages. */
  readonly #news = new Bell();
  /** Rings for the end alone: rests after a failure are not cut short by messages that would fail as well. */
  readonly #end = new Bell();
  #stopping = false;
  #gone = false;
  #outage = false;
  #repair: Promise<void> | null = null;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  get isTransportDown(): boolean {
    return this.#repair !== null;
  }

  async start(): Promise<void> {
    const { owner, workers } = this.#deps;
    await Promise.all(Array.from({ length: workers }, (_, number) => this.#work(`${owner}:${number}`)));
  }

  wake(): void {
    this.#news.ring();
  }

  stop(): void {
    this.#stopping = true;
    this.#news.close();
    this.#end.close();
  }

  /** What still runs has lost its ground; its errors tell nothing. */
  leave(): void {
    this.#gone = true;
  }

  async #work(owner: string): Promise<void> {
    while (!this.#stopping) {
      if (this.#repair !== null) {
        await this.#repair;
        continue;
      }
      const heard = this.#news.rings;
      const round = await this.#round(owner);
      if (round === 'idle') await this.#news.rest(this.#deps.pollMs, heard);
      if (round === 'failed') await this.#end.rest(this.#deps.pollMs);
      if (round === 'transport-down') this.#repair ??= this.#untilTransportIsBack();
    }
  }

  async #round(owner: string): Promise<DeliveryRound | 'failed'> {
    try {
      const round = await this.#deps.deliverMail.execute({ owner });
      this.#outage = false;
      return round;
    } catch (error) {
      this.#tell(error);
      return 'failed';
    }
  }

  /**
   * Nobody sends while the server is at fault; one prober for all finds out when it is back. It may let us in and still refuse
   * us as a sender, which only a mail shows, so the prober sends the first one alone.
   */
  async #untilTransportIsBack(): Promise<void> {
    const { owner, transport, probeEveryMs, onTransport } = this.#deps;
    onTransport('down');
    let back = false;
    while (!back) {
      await this.#end.rest(probeEveryMs);
      if (this.#stopping) return;
      back = (await transport.probe()) && !this.#stopping && (await this.#round(`${owner}:prober`)) !== 'transport-down';
    }
    this.#repair = null;
    onTransport('up');
  }

  #tell(error: unknown): void {
    const known = error instanceof Unavailable;
    if (!this.#gone && !(known && this.#outage)) this.#deps.onError(error);
    if (known) this.#outage = true;
  }
}
