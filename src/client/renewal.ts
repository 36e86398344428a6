import { type AccessToken, readGrant } from './access-token.ts';
import { reasonOf } from './errors.ts';
import { nextPause, type Pause } from './pause.ts';
import type { SessionStore } from './session-store.ts';
import type { TabMessage } from './tabs.ts';
import type { TakeTurns } from './take-turns.ts';

export interface RenewalDeps {
  readonly store: SessionStore;
  /** Calls `auth.refresh`. */
  readonly refresh: (signal: AbortSignal) => Promise<unknown>;
  readonly takeTurns: TakeTurns;
  /** Applies what was learned and tells the other tabs. */
  readonly publish: (message: TabMessage) => void;
  readonly now: () => number;
}

const ANSWER_MS = 10_000;
/** Locks and messages travel apart: what the tab before us has to tell may come after its lock. */
const NEWS_MS = 25;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Keeps the access token fresh: one refresh at a time, whoever asks, and never again before the pause after a failure is over. */
export class Renewal {
  readonly #deps: RenewalDeps;
  #flight: Promise<void> | null = null;
  #pause: Pause | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: (() => void) | null = null;
  #stopped = false;

  constructor(deps: RenewalDeps) {
    this.#deps = deps;
  }

  /** Asks for the first time and keeps going until `stop`. */
  start(): void {
    if (this.#unsubscribe !== null) return;
    this.#unsubscribe = this.#deps.store.subscribe(() => {
      this.#pause = null;
      this.#schedule();
    });
    if (this.#isDue()) this.#inBackground();
    else this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
  }

  /** The network may be back, or the machine awake. */
  wake(): void {
    if (this.#unsubscribe === null || this.#stopped) return;
    if (this.#pause?.byServer === false) this.#pause = null;
    if (this.#isDue()) this.#inBackground();
  }

  /** A token to call with, `null` when signed out. Rejects while that cannot be told: a failure to ask signs nobody out. */
  async token(): Promise<AccessToken | null> {
    const { store, now } = this.#deps;
    this.start();
    if (store.state === 'signed-out') return null;
    if (store.token !== null && now() < store.token.expiresAt) {
      if (this.#isDue()) this.#inBackground();
      return store.token;
    }
    await this.#renew();
    return store.token;
  }

  /** Another token than the one a call was refused with, `null` when signed out. */
  async replace(refused: AccessToken): Promise<AccessToken | null> {
    if (this.#deps.store.token === refused) await this.#renew();
    return this.token();
  }

  #isDue(): boolean {
    const { store, now } = this.#deps;
    return store.state === 'unknown' || (store.token !== null && now() >= store.token.renewAt);
  }

  #inBackground(): void {
    // Whoever needs the token is told when they ask; until then the next attempt is scheduled.
    this.#renew().catch(() => undefined);
  }

  #renew(): Promise<void> {
    this.#flight ??= this.#fly().finally(() => {
      this.#flight = null;
      this.#schedule();
    });
    return this.#flight;
  }

  async #fly(): Promise<void> {
    const { store, takeTurns, now } = this.#deps;
    if (this.#pause !== null && now() < this.#pause.until) throw this.#pause.error;

    const { token, epoch } = store;
    await takeTurns(async ({ waited }) => {
      const isNews = () => store.token !== token || store.epoch !== epoch;
      if (waited && !isNews()) await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
      if (!isNews()) await this.#ask(epoch);
    });
  }

  async #ask(epoch: number): Promise<void> {
    const { store, refresh, publish, now } = this.#deps;
    const at = now();
    try {
      const token = readGrant(await withDeadline(refresh), at);
      if (token === null) throw new Error('The answer to auth.refresh holds no access token.');
      if (store.epoch === epoch) publish({ kind: 'renewed', token, at });
    } catch (error) {
      if (store.epoch !== epoch) return;
      // The server's word, and nothing else, ends a session here.
      if (reasonOf(error) === 'invalid-refresh-token') return publish({ kind: 'signed-out', at });
      this.#pause = nextPause(this.#pause, error, now());
      throw error;
    }
  }

  #schedule(): void {
    const { store, now } = this.#deps;
    clearTimeout(this.#timer);
    const at = this.#pause?.until ?? store.token?.renewAt;
    if (at === undefined || this.#stopped || store.state === 'signed-out') return;
    this.#timer = setTimeout(() => this.#inBackground(), Math.min(Math.max(at - now(), 0), LONGEST_TIMER_MS));
  }
}

/** An answer that never comes would keep the turn from everybody else. */
async function withDeadline(ask: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('No answer in time.')), ANSWER_MS);
  try {
    return await ask(deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}
