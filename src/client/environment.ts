/** Sends one HTTP request, as `fetch` does. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The part of the Web Locks API that is used. */
export interface Locks {
  request<T>(name: string, options: { ifAvailable: true }, work: (lock: unknown) => Promise<T>): Promise<T>;
  request<T>(name: string, options: { signal: AbortSignal }, work: (lock: unknown) => Promise<T>): Promise<T>;
}

/** A way to the other tabs of this origin; what is posted reaches all but the sender. */
export interface Channel {
  post(message: unknown): void;
  close(): void;
}

export type OpenChannel = (name: string, listen: (message: unknown) => void) => Channel;

/** What the client needs of a browser. */
export interface Environment {
  readonly fetch: Fetch;
  /** `null` where there is none, as on plain http away from localhost. */
  readonly locks: Locks | null;
  readonly openChannel: OpenChannel | null;
  /** Milliseconds of the epoch, from a clock that all tabs share. */
  readonly now: () => number;
  /** Calls back when the network returns or the tab is looked at again; answers how to stop that. */
  readonly onWake: (listener: () => void) => () => void;
}

interface BrowserGlobals {
  readonly navigator?: { readonly locks?: Locks };
  readonly document?: EventTarget & { readonly visibilityState: string };
  readonly addEventListener?: EventTarget['addEventListener'];
  readonly removeEventListener?: EventTarget['removeEventListener'];
}

/** The browser this runs in, as far as it has what is asked of it. */
export function browserEnvironment(): Environment {
  const { navigator } = globalThis as BrowserGlobals;
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    locks: navigator?.locks ?? null,
    openChannel: typeof BroadcastChannel === 'function' ? openBroadcastChannel : null,
    now: () => Date.now(),
    onWake,
  };
}

function openBroadcastChannel(name: string, listen: (message: unknown) => void): Channel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: { data: unknown }) => listen(data);
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

function onWake(listener: () => void): () => void {
  const browser = globalThis as BrowserGlobals;
  const onVisible = () => {
    if (browser.document?.visibilityState === 'visible') listener();
  };
  browser.addEventListener?.('online', listener);
  browser.document?.addEventListener('visibilitychange', onVisible);
  return () => {
    browser.removeEventListener?.('online', listener);
    browser.document?.removeEventListener('visibilitychange', onVisible);
  };
}
