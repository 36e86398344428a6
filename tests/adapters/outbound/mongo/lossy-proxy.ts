import net, { type AddressInfo } from 'node:net';

export interface LossyProxy {
  readonly port: number;
  /** Lets the server do the next command of this name, and breaks the connection in place of its answer. */
  loseAnswerOf(command: string): void;
  /** Lets the server do the next command of this name, and keeps its answer for ever. */
  holdAnswerOf(command: string, onHeld: () => void): void;
  /** How many answers were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** Stands between the driver and a server on loopback. */
export async function openLossyProxy(serverPort: number): Promise<LossyProxy> {
  const sockets = new Set<net.Socket>();
  let next: { command: Buffer; fate: (end: () => void) => void } | null = null;
  let lost = 0;

  const proxy = net.createServer((client) => {
    const server = net.connect(serverPort, '127.0.0.1');
    let fate: ((end: () => void) => void) | null = null;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket.on('error', end).on('close', end));
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (request) => {
      if (next !== null && request.includes(next.command)) {
        fate = next.fate;
        next = null;
      }
      server.write(request);
    });
    server.on('data', (answer) => {
      if (fate === null) client.write(answer);
      else fate(end);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));

  // A BSON key: the command's name between the type of its value, a string, and a zero byte.
  const keyOf = (command: string) => Buffer.from(`\u0002${command}\u0000`);
  return {
    port: (proxy.address() as AddressInfo).port,
    loseAnswerOf: (command) => {
      const fate = (end: () => void) => {
        lost += 1;
        end();
      };
      next = { command: keyOf(command), fate };
    },
    holdAnswerOf: (command, onHeld) => {
      next = { command: keyOf(command), fate: onHeld };
    },
    lost: () => lost,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
