import { CookieJar } from 'tough-cookie';
import { createSallyportClient, type Environment, type Fetch, type Locks, type OpenChannel, type SallyportClient } from '#client/entry.ts';

/** A browser: tabs share its cookies, its locks and its channels, and can lose its network. */
export interface TestBrowser {
  openTab(url: string, without?: Partial<Environment>): SallyportClient;
  /** Fails every request until called with `true`. */
  setOnline(online: boolean): void;
  /** Tells all tabs that they are looked at again. */
  wake(): void;
  /** How many requests its tabs have made. */
  requests(): number;
  close(): void;
}

export function openBrowser(): TestBrowser {
  const jar = new CookieJar();
  const locks = createLocks();
  const openChannel = createChannels();
  const wakers = new Set<() => void>();
  const tabs: SallyportClient[] = [];
  let online = true;
  let requests = 0;

  const send: Fetch = async (url, init) => {
    requests += 1;
    if (!online) throw new TypeError('Failed to fetch');
    const headers = new Headers(init.headers);
    if (init.credentials === 'include') headers.set('cookie', await jar.getCookieString(url));
    const response = await fetch(url, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url);
    return response;
  };
  const onWake = (listener: () => void) => {
    wakers.add(listener);
    return () => wakers.delete(listener);
  };

  return {
    requests: () => requests,
    openTab: (url, without = {}) => {
      const tab = createSallyportClient({ url, fetch: send, locks, openChannel, onWake, ...without });
      tabs.push(tab);
      return tab;
    },
    setOnline: (value) => {
      online = value;
    },
    wake: () => {
      for (const waker of wakers) waker();
    },
    close: () => {
      for (const tab of tabs) tab.close();
    },
  };
}

/** Web Locks, exclusive ones only. */
export function createLocks(): Locks {
  const queues = new Map<string, (() => void)[]>();

  const acquire = (name: string, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const queue = queues.get(name);
      if (queue === undefined) {
        queues.set(name, []);
        return resolve();
      }
      queue.push(resolve);
      signal?.addEventListener('abort', () => {
        const place = queue.indexOf(resolve);
        if (place >= 0) queue.splice(place, 1);
        reject(signal.reason);
      });
    });
  const release = (name: string) => {
    const next = queues.get(name)?.shift();
    if (next === undefined) queues.delete(name);
    else next();
  };

  return {
    request: async <T>(name: string, options: { ifAvailable?: true; signal?: AbortSignal }, work: (lock: unknown) => Promise<T>) => {
      if (options.ifAvailable === true && queues.has(name)) return work(null);
      await acquire(name, options.signal);
      try {
        return await work({ name });
      } finally {
        release(name);
      }
    },
  };
}

/** BroadcastChannel: structured clones, delivered to all but the sender in a later task. */
export function createChannels(): OpenChannel {
  const members = new Map<string, Set<(message: unknown) => void>>();
  return (name, listen) => {
    const peers = members.get(name) ?? new Set();
    members.set(name, peers.add(listen));
    return {
      post: (message) => {
        const copy = structuredClone(message);
        for (const peer of peers) if (peer !== listen) setImmediate(() => peers.has(peer) && peer(copy));
      },
      close: () => peers.delete(listen),
    };
  };
}
