import { afterEach } from 'vitest';

/** An adapter over an empty store, and how to let go of it. */
export interface Opened<T> {
  readonly adapter: T;
  close(): unknown;
}

export type Open<T> = () => Promise<Opened<T>>;

/** Opens an empty store for each case that asks, and closes it behind the case. */
export function fresh<T>(open: Open<T>): () => Promise<T> {
  const opened: Opened<T>[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  return async () => {
    const each = await open();
    opened.push(each);
    return each.adapter;
  };
}
