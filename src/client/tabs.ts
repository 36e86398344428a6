import type { AccessToken } from './access-token.ts';
import type { OpenChannel } from './environment.ts';

/**
 * What one tab tells the others. `at` orders it: when somebody signed in or out, or when the renewed token was asked for.
 *
 * The token goes along. BroadcastChannel stays in memory and within the origin, and whatever runs in the origin could ask
 * `refresh` for a token itself, so this gives nobody anything; it spares each tab a refresh of its own.
 */
export type TabMessage =
  | { readonly kind: 'signed-in' | 'renewed'; readonly token: AccessToken; readonly at: number }
  | { readonly kind: 'signed-out'; readonly at: number };

export interface Tabs {
  tell(message: TabMessage): void;
  close(): void;
}

/** Opens the way to the other tabs. Without a channel each tab finds out by itself, from the server. */
export function openTabs(name: string, openChannel: OpenChannel | null, listen: (message: TabMessage) => void): Tabs {
  if (openChannel === null) return { tell: () => undefined, close: () => undefined };

  const channel = openChannel(name, (data) => {
    const message = parseTabMessage(data);
    if (message !== null) listen(message);
  });
  return { tell: (message) => channel.post(message), close: () => channel.close() };
}

/** Parsed, since tabs of one origin may run different releases. */
function parseTabMessage(data: unknown): TabMessage | null {
  if (typeof data !== 'object' || data === null) return null;
  const { kind, at, token }: { kind?: unknown; at?: unknown; token?: unknown } = data;
  if (typeof at !== 'number') return null;
  if (kind === 'signed-out') return { kind, at };
  if (kind !== 'signed-in' && kind !== 'renewed') return null;
  const parsed = parseToken(token);
  return parsed === null ? null : { kind, at, token: parsed };
}

function parseToken(token: unknown): AccessToken | null {
  if (typeof token !== 'object' || token === null) return null;
  const { value, userId, renewAt, expiresAt }: { [Key in keyof AccessToken]?: unknown } = token;
  if (typeof value !== 'string' || typeof renewAt !== 'number' || typeof expiresAt !== 'number') return null;
  return { value, userId: typeof userId === 'string' ? userId : null, renewAt, expiresAt };
}
