import type { AnyTRPCRouter } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import cors from 'cors';
import express, { type Request, type Response, type Router } from 'express';
import { bearerToken, type SallyportContext, type UseCases } from '../trpc/context.ts';
import { cookiesOver } from '../trpc/cookies.ts';
import { refusalOf } from '../trpc/refusal.ts';
import { originGuard } from './origin-guard.ts';
import { clientOf, requestId } from './request-client.ts';
import { bodyErrors, requestGuard } from './request-guard.ts';
import { securityHeaders } from './security-headers.ts';
import type { SecurityLog } from '#application/ports/security-log.ts';

export interface TrpcHandlerDeps {
  readonly useCases: UseCases;
  readonly securityLog: SecurityLog;
  /** Scheme, host and port under which browsers reach us. */
  readonly publicUrl: string;
  readonly corsOrigins: readonly string[];
  readonly now: () => Date;
  readonly newRequestId: () => string;
  /** Told of what nobody expected, once each. */
  readonly onError: (error: unknown, at: { requestId: string; path: string }) => void;
}

/** Serves a router with its guards in front, to be mounted at /trpc in any Express app. The router may be ours merged into a host's. */
export function createTrpcHandler(deps: TrpcHandlerDeps, router: AnyTRPCRouter): Router {
  const { publicUrl, corsOrigins, securityLog } = deps;
  const origins = new Set([publicUrl, ...corsOrigins]);
  const handler = express.Router();

  // In a host's app nobody else may have set them.
  handler.use(requestId(deps.newRequestId), securityHeaders());
  handler.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  handler.use(originGuard({ origins, securityLog }));
  handler.use(
    cors({
      origin: [...origins],
      credentials: true,
      methods: ['GET', 'POST'],
      allowedHeaders: ['content-type', 'authorization'],
      exposedHeaders: ['Retry-After', 'X-Request-Id'],
      maxAge: 600,
    }),
  );
  handler.use(...requestGuard(router), bodyErrors);
  handler.use(toMiddleware(deps, router));
  return handler;
}

function toMiddleware(deps: TrpcHandlerDeps, router: AnyTRPCRouter) {
  return createExpressMiddleware({
    router,
    allowBatching: false,
    createContext: ({ req, res }) => createContext(deps, req, res),
    responseMeta: ({ errors }) => {
      const [first] = errors;
      const wait = first === undefined ? undefined : refusalOf(first).facts.retryAfterSeconds;
      // tRPC sets a Vary of its own over the one that keeps one origin's answer from another.
      const headers = { vary: 'Origin' };
      return { headers: wait === undefined ? headers : { ...headers, 'retry-after': String(wait) } };
    },
    onError: ({ error, path, ctx, input }) => {
      const { reason } = refusalOf(error);
      const context = ctx as SallyportContext | undefined;
      if (reason === 'internal' || reason === 'unavailable') {
        deps.onError(error.cause ?? error, { requestId: context?.client.requestId ?? '', path: path ?? '' });
      }
      if (reason === 'invalid-input' && input !== undefined && context !== undefined) {
        deps.securityLog.record({ event: 'input_validation_fail', path: (path ?? '').slice(0, 200) }, context.client);
      }
    },
  });
}

/** The second step of making a context: the parts, out of an Express request. */
function createContext({ useCases, publicUrl, now }: TrpcHandlerDeps, request: Request, response: Response): SallyportContext {
  return {
    useCases,
    client: clientOf(request, response),
    accessToken: bearerToken(request.headers.authorization),
    cookies: cookiesOver({
      header: request.headers.cookie,
      secure: publicUrl.startsWith('https:'),
      now: now(),
      append: (cookie) => response.append('Set-Cookie', cookie),
    }),
    setHeader: (name, value) => response.setHeader(name, value),
  };
}
