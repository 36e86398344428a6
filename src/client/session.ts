import type { Renewal } from './renewal.ts';
import type { SessionState, SessionStore } from './session-store.ts';

/** The browser's session as this tab knows it. Nothing is sent before somebody subscribes or needs a token. */
export interface Session {
  /** Changes to `signed-out` on the server's word only, never because it could not be reached. */
  state(): SessionState;
  /** Whose session it is: to tell people apart, never to admit them; `null` unless signed in. */
  userId(): string | null;
  /** Calls back after every change, in this tab or another, a renewed token included; answers how to stop that. */
  subscribe(listener: () => void): () => void;
  /**
   * A token that is good now, for a service that verifies it itself; `null` when signed out. Calls through `trpc` need none of this.
   * Rejects while it cannot be told whether somebody is signed in.
   */
  accessToken(): Promise<string | null>;
}

export function sessionOf(store: SessionStore, renewal: Renewal): Session {
  return {
    state: () => store.state,
    userId: () => store.token?.userId ?? null,
    subscribe: (listener) => {
      renewal.start();
      return store.subscribe(listener);
    },
    accessToken: async () => (await renewal.token())?.value ?? null,
  };
}
