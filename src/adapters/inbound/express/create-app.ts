import type { AnyTRPCRouter } from '@trpc/server';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { type HealthDeps, healthRoutes } from './health.ts';
import { inboxRoutes } from './dev-inbox.ts';
import type { Inbox } from './inbox.ts';
import { sendError } from './error-answer.ts';
import { pageRoutes } from './pages.ts';
import { requestId, requestIdOf } from './request-client.ts';
import { securityHeaders } from './security-headers.ts';
import { createTrpcHandler, type TrpcHandlerDeps } from './trpc-handler.ts';

export interface AppDeps extends TrpcHandlerDeps, HealthDeps {
  readonly router: AnyTRPCRouter;
  /** How many proxies are in front, or which. `true` is not among the choices: it would believe every client. */
  readonly trustProxy: false | number | readonly string[];
  /** The embedded mail server's; `null` without one. */
  readonly inbox: Inbox | null;
}

/** The whole HTTP side, as an app that does not listen. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', deps.trustProxy);

  app.use(requestId(deps.newRequestId));
  app.use(securityHeaders());
  app.use(healthRoutes(deps));
  app.use('/trpc', createTrpcHandler(deps, deps.router));
  app.use(refuseMethods);
  if (deps.inbox !== null) app.use('/dev', inboxRoutes(deps.inbox));
  app.use(pageRoutes());

  app.use((_request, response) => sendError(response, 404, 'invalid-input'));
  app.use(unexpected(deps));
  return app;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

const refuseMethods: RequestHandler = ({ method }, response, next) => {
  if (METHODS.has(method)) next();
  else sendError(response, 405, 'invalid-input');
};

/** The last resort: logged with the request's id, answered without a word of it. */
function unexpected({ onError }: AppDeps): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof URIError) {
      sendError(response, 400, 'invalid-input');
      return;
    }
    // What came after the request was no HTTP. The server has told the client so, and closed.
    if (/^HPE_/.test((error as { code?: string }).code ?? '')) return;
    onError(error, { requestId: requestIdOf(response), path: request.path });
    sendError(response, 500, 'internal');
  };
}
