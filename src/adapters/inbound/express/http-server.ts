import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

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

  return {
    server,
    listen: async ({ host, port }) => {
      server.listen(port, host);
      await once(server, 'listening');
    },
    stop: async (deadlineMs) => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
