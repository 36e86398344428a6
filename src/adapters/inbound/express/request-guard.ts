import { isUtf8 } from 'node:buffer';
import type { AnyTRPCRouter } from '@trpc/server';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { type GuardStatus, sendError } from './error-answer.ts';

const MAX_BODY_BYTES = 10 * 1024;
const MAX_DEPTH = 64;
const JSON_TYPE = /^application\/json(?:;\s*charset=utf-8)?$/i;

/**
 * What tRPC would take but must not: other methods, bodies that a form on a foreign page can send, batches (which run many
 * calls for one, and whose streamed form loses cookies), bodies too deep to be written out again, and bodies where a procedure has no input.
 */
export function requestGuard(router: AnyTRPCRouter): RequestHandler[] {
  return [refuseForm, refuseDeep, refuseParsed, parseBody, refuseDeep, refuseNeedlessBody(router)];
}

const refuseForm: RequestHandler = (request, response, next) => {
  const refused = whyRefused(request);
  if (refused === null) next();
  else sendError(response, refused, 'invalid-input');
};

function whyRefused({ method, headers, url, path }: Request): GuardStatus | null {
  if (method !== 'GET' && method !== 'POST') return 405;
  const streamed = [headers.accept, headers['trpc-accept']].some((accept) => String(accept ?? '').includes('jsonl'));
  if (streamed || /[?&]batch=/.test(url)) return 400;
  // tRPC runs what follows the last slash, decoded. Names must come plain, or the guards would look at another than the one that runs.
  if (/[,%]/.test(path)) return 400;
  if (path.lastIndexOf('/') > 0) return 404;
  if (method === 'POST' && !JSON_TYPE.test(headers['content-type'] ?? '')) return 415;
  // The parser would say so, too, but only after it had read all of it.
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) return 413;
  return null;
}

/** Whoever writes a body out again, tRPC among them, goes down into it by recursion, and a few kilobytes of brackets overflow the stack. */
const refuseDeep: RequestHandler = ({ body }, response, next) => {
  if (isDeeperThan(body, MAX_DEPTH)) sendError(response, 400, 'invalid-input');
  else next();
};

/** Goes down level by level, so that it overflows nothing itself. */
function isDeeperThan(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let reached = 0; level.length > 0; reached += 1) {
    if (reached > depth) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}

/** A parser that the host ran first had a measure of its own, and may have unpacked what was small on the wire. */
const refuseParsed: RequestHandler = ({ body, headers }, response, next) => {
  if (body === undefined) next();
  else if ((headers['content-encoding'] ?? 'identity') !== 'identity') sendError(response, 415, 'invalid-input');
  else if (Buffer.byteLength(JSON.stringify(body)) > MAX_BODY_BYTES) sendError(response, 413, 'invalid-input');
  else next();
};

/** Parsed here, before tRPC, so that one limit holds whatever the length header says and whether or not the body is read later. */
const parseBody: RequestHandler = (request, response, next) => {
  if (request.body !== undefined) {
    next();
    return;
  }
  parseJson(request, response, (error) => {
    // tRPC takes a string for a text that is yet to be parsed.
    if (typeof request.body === 'string') request.body = JSON.stringify(request.body);
    next(error);
  });
};

const parseJson = express.json({
  limit: MAX_BODY_BYTES,
  inflate: false,
  // A host's procedure may take a bare string or number.
  strict: false,
  type: () => true,
  verify: (_request, _response, body) => {
    // Bytes that are no text would all become the same replacement character.
    if (!isUtf8(body)) throw new SyntaxError('not UTF-8');
  },
});

function refuseNeedlessBody(router: AnyTRPCRouter): RequestHandler {
  return ({ method, body, path }, response, next) => {
    const procedure = router._def.procedures[path.slice(1)];
    const takesNone = method === 'GET' || procedure?._def.inputs.length === 0;
    if (takesNone && body !== undefined && JSON.stringify(body) !== '{}') sendError(response, 400, 'invalid-input');
    else next();
  };
}

/** A body that is too long, compressed, or not JSON. Anything else goes on to the general handler. */
export const bodyErrors: ErrorRequestHandler = (error, _request, response, next) => {
  const { status, type } = error as { status?: number; type?: string };
  if (type === undefined || status === undefined || status >= 500) next(error);
  else if (status === 413 || status === 415) sendError(response, status, 'invalid-input');
  else sendError(response, 400, 'invalid-input');
};
