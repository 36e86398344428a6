import { Agent, request } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { type Comparison, compare, isAlike, type Pair } from './paired.ts';

/** One call as a stranger would make it. */
export interface Call {
  readonly procedure: string;
  readonly input: unknown;
  readonly cookie?: string;
}

interface Timed {
  readonly ms: number;
  /** Everything of the answer that a stranger can compare, but what differs from second to second. */
  readonly looks: { readonly status: number; readonly headers: readonly string[]; readonly body: string };
}

const WARM_UP = 20;
/** They say how many requests the connection has carried. */
const ofTheConnection = new Set(['Connection', 'Keep-Alive']);

/** Times calls over one connection that is kept open, one after the other. */
export class Stopwatch {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #random: () => number;

  constructor(url: string, random: () => number) {
    this.#url = new URL(url);
    this.#random = random;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The classes in pairs, in random order within each. A first look that says they differ is looked at once more, twice as long. */
  async compare(first: (n: number) => Call, second: (n: number) => Call, count: number): Promise<Comparison> {
    await this.#sample(first, second, 0, WARM_UP);
    const once = compare(await this.#sample(first, second, WARM_UP, count));
    return isAlike(once) ? once : compare(await this.#sample(first, second, WARM_UP + count, 2 * count));
  }

  /** One look, without a second. */
  async look(first: (n: number) => Call, second: (n: number) => Call, count: number): Promise<Comparison> {
    await this.#sample(first, second, 0, WARM_UP);
    return compare(await this.#sample(first, second, WARM_UP, count));
  }

  async #sample(first: (n: number) => Call, second: (n: number) => Call, from: number, count: number): Promise<Pair[]> {
    const pairs: Pair[] = [];
    for (let n = from; n < from + count; n += 1) {
      const isFirstFirst = this.#random() < 0.5;
      const earlier = await this.#time(isFirstFirst ? first(n) : second(n));
      const later = await this.#time(isFirstFirst ? second(n) : first(n));
      // A difference to be read needs no clock.
      if (!isDeepStrictEqual(earlier.looks, later.looks))
        throw new Error(`They look different: ${JSON.stringify([earlier.looks, later.looks])}`);
      pairs.push(isFirstFirst ? [earlier.ms, later.ms] : [later.ms, earlier.ms]);
    }
    return pairs;
  }

  #time({ procedure, input, cookie }: Call): Promise<Timed> {
    const body = JSON.stringify(input);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(cookie === undefined ? {} : { cookie }),
    };
    return new Promise((resolve, reject) => {
      const { hostname: host, port } = this.#url;
      const began = performance.now();
      const outgoing = request({ host, port, path: `/trpc/${procedure}`, method: 'POST', headers, agent: this.#agent }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => {
          const ms = performance.now() - began;
          const names = incoming.rawHeaders.filter((name, n) => n % 2 === 0 && !ofTheConnection.has(name));
          resolve({ ms, looks: { status: incoming.statusCode ?? 0, headers: names, body: text } });
        });
      });
      outgoing.on('error', reject).end(body);
    });
  }
}
