import { isIP } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import type { Client } from '#application/client.ts';

/** Gives every request an id of our own, which its answer and its log lines carry. A caller's id could forge either. */
export function requestId(newId: () => string): RequestHandler {
  return (_request, response, next) => {
    response.locals['requestId'] ??= newId();
    response.setHeader('X-Request-Id', requestIdOf(response));
    next();
  };
}

export function requestIdOf({ locals }: Response): string {
  return String(locals['requestId'] ?? '');
}

/** Who asks. With proxies in front Express believes their header, and what stands in it need not be an address. */
export function clientOf(request: Request, response: Response): Client {
  const told = request.ip ?? '';
  const ip = isIP(told) === 0 ? (request.socket.remoteAddress ?? '0.0.0.0') : told;
  return { ip, requestId: requestIdOf(response) };
}
