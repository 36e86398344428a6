import type { AccessToken } from './access-token.ts';
import type { TabMessage } from './tabs.ts';

/** `unknown` until the server has answered for the first time. */
export type SessionState = 'unknown' | 'signed-out' | 'signed-in';

/** What this tab knows of the browser's session. */
export class SessionStore {
  readonly #listeners = new Set<() => void>();
  #state: SessionState = 'unknown';
  #token: AccessToken | null = null;
  #changedAt = Number.NEGATIVE_INFINITY;
  #epoch = 0;

  get state(): SessionState {
    return this.#state;
  }

  get token(): AccessToken | null {
    return this.#token;
  }

  /** Moves with each sign-in and sign-out: the answer to a question asked before one is void. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Listeners hear of every change, a renewed token included. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes over what another tab tells, unless it is older than what is known. */
  hear(message: TabMessage): void {
    // A renewal asked for in the very millisecond of a sign-out may be of the session that ended, so it gives way.
    const stale = message.kind === 'renewed' ? message.at <= this.#changedAt : message.at < this.#changedAt;
    if (!stale) this.apply(message);
  }

  /** Takes over what this tab learned itself; its order is known by the epoch, whatever the clock does. */
  apply(message: TabMessage): void {
    if (message.kind !== 'renewed') {
      this.#changedAt = message.at;
      this.#epoch += 1;
    }
    this.#state = message.kind === 'signed-out' ? 'signed-out' : 'signed-in';
    this.#token = message.kind === 'signed-out' ? null : message.token;
    for (const listener of [...this.#listeners]) listener();
  }
}
