import type { RequestHandler } from 'express';
import { clientOf } from './request-client.ts';
import { sendError } from './error-answer.ts';
import type { SecurityLog } from '#application/ports/security-log.ts';

/**
 * Lets through what comes from our own pages, or from no browser at all, which has no cookies of anybody's to abuse.
 * With an Origin it must be an allowed one; without one Sec-Fetch-Site decides. `null` is an origin, and not an allowed one.
 */
export function originGuard({ origins, securityLog }: { origins: ReadonlySet<string>; securityLog: SecurityLog }): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin');
    const { origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const fromBrowser = origin !== undefined || site !== undefined;
    const allowed = origin === undefined ? site === 'same-origin' || site === 'none' : origins.has(origin);
    if (!fromBrowser || allowed) {
      next();
      return;
    }
    securityLog.record({ event: 'malicious_csrf', path: request.path.slice(0, 200) }, clientOf(request, response));
    sendError(response, 403, 'forbidden-origin');
  };
}
