import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What becomes of the bytes between a client and a server.
 *
 * - `pass`: they go through.
 * - `refuse`: nobody listens, and what was open is reset.
 * - `blackhole`: connections are taken and bytes read, and nothing ever comes back.
 * - `delayMs`: every answer comes so much later.
 * - `answer`: the server is not asked; every command of a client (in Redis' protocol) gets this reply.
 */
export type ProxyMode = 'pass' | 'refuse' | 'blackhole' | { readonly delayMs: number } | { readonly answer: string };

export interface TcpProxyOptions {
  readonly target: number;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

/** A stretch of wire on loopback that can be cut, slowed and silenced: between the service and what it needs, or between a client and the service. */
export class TcpProxy {
  readonly port: number;
  readonly #target: number;
  readonly #links = new Set<Link>();
  readonly #watches: Watch[] = [];
  #server: Server | null;
  #mode: ProxyMode = 'pass';

  constructor(server: Server, target: number) {
    this.port = (server.address() as AddressInfo).port;
    this.#target = target;
    this.#server = server;
    this.#attend(server);
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  /** Holds for connections that are open as well as for those to come. */
  async become(mode: ProxyMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'refuse') {
      this.cut();
      this.#server?.close();
      this.#server = null;
      return;
    }
    if (this.#server !== null) return;
    this.#server = await listening(this.port);
    this.#attend(this.#server);
  }

  /** Resets what is open now; the next connections are taken. */
  cut(): void {
    for (const link of [...this.#links]) link.reset();
  }

  /** Ends what is open now politely, as a server does that stops; the next connections are taken. */
  hangUp(): void {
    for (const link of [...this.#links]) link.end();
  }

  /**
   * Lets the next request that contains these bytes reach the server, and resets the connection in place of its answer.
   * Resolves when that has happened.
   */
  loseAnswerTo(bytes: string): Promise<void> {
    return new Promise((resolve) => this.#watches.push({ bytes: Buffer.from(bytes), lost: resolve }));
  }

  async close(): Promise<void> {
    await this.become('refuse');
  }

  #attend(server: Server): void {
    server.on('connection', (client) => {
      const link = new Link(client, connect({ host: '127.0.0.1', port: this.#target }), () => this.#mode, this.#watches);
      this.#links.add(link);
      client.once('close', () => this.#links.delete(link));
    });
  }
}

export async function openTcpProxy({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> {
  return new TcpProxy(await listening(port), target);
}

interface Watch {
  readonly bytes: Buffer;
  readonly lost: () => void;
}

/** One connection through the proxy. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #mode: () => ProxyMode;
  readonly #watches: Watch[];
  #losing: Watch | null = null;

  constructor(client: Socket, server: Socket, mode: () => ProxyMode, watches: Watch[]) {
    this.#client = client;
    this.#server = server;
    this.#mode = mode;
    this.#watches = watches;
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    client.on('data', (chunk) => this.#ask(chunk));
    server.on('data', (chunk) => this.#answer(chunk));
    client.once('close', () => server.destroy());
    server.once('close', () => {
      if (this.#mode() !== 'blackhole') client.destroy();
    });
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.destroy();
  }

  end(): void {
    this.#client.end();
    this.#server.destroy();
  }

  #ask(chunk: Buffer): void {
    const mode = this.#mode();
    if (mode === 'blackhole') return;
    if (typeof mode === 'object' && 'answer' in mode) {
      const commands = chunk.toString('latin1').match(/^\*\d+\r$/gm)?.length ?? 0;
      this.#client.write(mode.answer.repeat(commands));
      return;
    }
    const watch = this.#watches.find(({ bytes }) => chunk.includes(bytes));
    if (watch !== undefined) {
      this.#watches.splice(this.#watches.indexOf(watch), 1);
      this.#losing = watch;
    }
    this.#server.write(chunk);
  }

  #answer(chunk: Buffer): void {
    const mode = this.#mode();
    if (mode === 'blackhole') return;
    if (this.#losing !== null) {
      this.#losing.lost();
      this.#losing = null;
      this.reset();
      return;
    }
    if (typeof mode === 'object' && 'delayMs' in mode) setTimeout(() => this.#client.write(chunk), mode.delayMs);
    else this.#client.write(chunk);
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  // One that a test forgot keeps no process running.
  return server.unref();
}
