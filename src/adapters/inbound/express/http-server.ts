import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

export interface HttpServer {
  readonly server: Server;
  /** Throws when the address is taken. */
  listen(address: { host: string; port: number }): Promise<void>;
  /** Takes no more connections, lets what is in flight finish, and cuts off what has not by the deadline. May be called twice. */
  stop(deadlineMs: number): Promise<void>;
}

/** A server that slow and idle clients cannot hold: headers in 10 s, a whole request in 30 s, at most 10 000 connections. */
export function createHttpServer(app: RequestListener): HttpServer {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    app,
  );
  server.maxConnections = 10_000;
  server.maxRequestsPerSocket = 1_000;
  const endConnections = watchConnections(server);
  let stopped: Promise<void> | null = null;

  const stop = async (deadlineMs: number) => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    endConnections();
    const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
    await closed;
    clearTimeout(timer);
  };

  return {
    server,
    listen: async ({ host, port }) => {
      server.listen(port, host);
      await once(server, 'listening');
    },
    stop: (deadlineMs) => {
      stopped ??= stop(deadlineMs);
      return stopped;
    },
  };
}

/**
 * Answers a function that ends every connection as soon as it owes no answer. Node's own `closeIdleConnections` spares those
 * that never sent a request, as browsers open ahead, and those whose answer is under way it leaves open until keep-alive ends.
 */
function watchConnections(server: Server): () => void {
  const owed = new Map<Socket, number>();
  let ending = false;

  server.on('connection', (socket) => {
    owed.set(socket, 0);
    socket.once('close', () => owed.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    owed.set(socket, (owed.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (owed.get(socket) ?? 1) - 1;
      owed.set(socket, left);
      if (ending && left === 0) socket.destroySoon();
    });
  });

  return () => {
    ending = true;
    for (const [socket, answers] of owed) if (answers === 0) socket.destroySoon();
  };
}
