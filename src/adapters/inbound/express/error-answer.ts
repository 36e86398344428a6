import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { Response } from 'express';
import type { SallyportErrorData } from '../trpc/init.ts';
import type { Reason } from '../trpc/reasons.ts';

const CODES = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  500: 'INTERNAL_SERVER_ERROR',
} as const;

export type GuardStatus = keyof typeof CODES;

/** Refuses in the very form in which tRPC does, so that clients know one kind of error. */
export function sendError(response: Response, httpStatus: GuardStatus, reason: Reason): void {
  const code = CODES[httpStatus];
  const data: SallyportErrorData = { code, httpStatus, reason };
  // Over what a file whose sending failed has already set.
  response.setHeader('Cache-Control', 'no-store');
  if (httpStatus === 405) response.setHeader('Allow', 'GET, POST, OPTIONS');
  response
    .status(httpStatus)
    .type('json')
    .json({ error: { message: reason, code: TRPC_ERROR_CODES_BY_KEY[code], data } });
}
