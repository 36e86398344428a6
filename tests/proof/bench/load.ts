import { Agent, request } from 'node:http';

/** A request as a client would make it. */
export interface Shot {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly input?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Hit {
  readonly status: number;
  readonly ms: number;
  readonly cookies: readonly string[];
  readonly body: string;
}

/** What came of a volley. */
export interface Volley {
  readonly hits: readonly Hit[];
  readonly seconds: number;
}

export interface VolleyOptions {
  readonly url: string;
  /** So many connections, each with one request at a time. */
  readonly connections: number;
  /** Ends after so many requests, or after that time. */
  readonly count?: number;
  readonly forMs?: number;
  /** Or as soon as this says so. */
  readonly until?: () => boolean;
  /** Each connection waits so long between two; none, unless told. */
  readonly pauseMs?: number;
  readonly shot: (n: number, connection: number) => Shot;
  /** Told of each answer, by its connection. */
  readonly onHit?: (hit: Hit, connection: number) => void;
}

/** Sends requests over connections that are kept open, as fast as they are answered or at a pace. */
export async function volley({
  url,
  connections,
  count = Infinity,
  forMs = Infinity,
  until = () => false,
  pauseMs = 0,
  shot,
  onHit,
}: VolleyOptions): Promise<Volley> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const hits: Hit[] = [];
  const began = performance.now();
  let sent = 0;
  const isOver = () => sent >= count || performance.now() - began >= forMs || until();
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      while (!isOver()) {
        const hit = await fire(url, agent, shot(sent++, connection));
        hits.push(hit);
        onHit?.(hit, connection);
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }),
  );
  agent.destroy();
  return { hits, seconds: (performance.now() - began) / 1_000 };
}

const once = new Agent();

export function fire(url: string, agent: Agent = once, { path, method = 'POST', input, headers = {} }: Shot): Promise<Hit> {
  const body = method === 'GET' || input === undefined ? undefined : JSON.stringify(input);
  const lengths = method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? '') };
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request({ host, port, path, method, agent, headers: { ...lengths, ...headers } }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () =>
        resolve({
          ...{ status: incoming.statusCode ?? 0, ms: performance.now() - began },
          ...{ cookies: (incoming.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? ''), body: text },
        }),
      );
    });
    outgoing.on('error', reject).end(body);
  });
}

/** So much of all was no slower, in milliseconds. */
export function percentile(hits: readonly Hit[], share: number): number {
  const sorted = hits.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** How many of each status there were. */
export function statuses(hits: readonly Hit[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of hits) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
