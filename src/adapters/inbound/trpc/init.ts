import { initTRPC } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { SallyportContext } from './context.ts';
import { refusalOf } from './refusal.ts';
import type { ErrorFacts, Reason } from './reasons.ts';

/** What leaves in an error: nothing that a driver, a library or a schema said. */
export interface SallyportErrorData extends ErrorFacts {
  readonly code: string;
  readonly httpStatus: number;
  readonly path?: string;
  readonly reason: Reason;
}

const t = initTRPC.context<SallyportContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const { reason, facts } = refusalOf(error);
    const { code, httpStatus, path } = shape.data;
    const status = reason === 'unavailable' ? UNAVAILABLE : { code, httpStatus };
    const data: SallyportErrorData = { ...status, ...(path === undefined ? {} : { path }), reason, ...facts };
    return { code: TRPC_ERROR_CODES_BY_KEY[status.code as keyof typeof TRPC_ERROR_CODES_BY_KEY], message: reason, data };
  },
});

/** tRPC takes whatever is thrown for an internal error. */
const UNAVAILABLE = { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 } as const;

export const router = t.router;
export const publicProcedure = t.procedure;
export const middleware = t.middleware;
