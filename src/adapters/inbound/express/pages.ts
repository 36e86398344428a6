import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorRequestHandler, type Response, type Router, Router as createRouter, static as files } from 'express';
import { sendError } from './error-answer.ts';
import { PAGE, securityHeaders } from './security-headers.ts';

const PAGES = join(import.meta.dirname, 'pages');
/** Beside the built service; not there while it runs from its sources. */
const DEMO = join(import.meta.dirname, '../../../demo');
const PATHS = ['/', '/sign-up', '/check-inbox', '/verify', '/sign-in', '/account', '/inbox'];
const A_YEAR = 'public, max-age=31536000, immutable';
/** Always whole: the files are small, and a range that is none would be an error. */
const WHOLE = { acceptRanges: false } as const;

/** The demo, one document for all its paths, where it is built; and the style of the embedded inbox. */
export function pageRoutes(demo: string = DEMO): Router {
  const routes = createRouter();
  routes.use('/pages', securityHeaders(PAGE), files(PAGES, { ...WHOLE, index: false, redirect: false }));
  if (existsSync(join(demo, 'index.html'))) addDemo(routes, demo);
  routes.use(conditionErrors);
  return routes;
}

function addDemo(routes: Router, demo: string): void {
  // Fonts of its own, frames of its own, and no form that the browser itself would send.
  const headers = securityHeaders({ ...PAGE, fontSrc: ["'self'"], frameSrc: ["'self'"] });
  routes.get(PATHS, headers, (_request, response) => {
    response.sendFile('index.html', { ...WHOLE, root: demo, cacheControl: false, headers: { 'Cache-Control': 'no-store' } });
  });
  // The name of an asset changes with its content; the icon's does not.
  routes.use(
    '/assets',
    headers,
    files(join(demo, 'assets'), { ...WHOLE, index: false, redirect: false, cacheControl: false, setHeaders: keep }),
  );
  routes.get('/icon.svg', headers, (_request, response) => {
    response.sendFile('icon.svg', { ...WHOLE, root: demo, maxAge: '1d' });
  });
}

function keep(response: Response): void {
  response.setHeader('Cache-Control', A_YEAR);
}

/** That `If-Match` or `If-Unmodified-Since` does not hold is the caller's affair, and nothing to log. */
const conditionErrors: ErrorRequestHandler = (error, _request, response, next) => {
  const { status } = error as { status?: number };
  if (status === 412) sendError(response, 412, 'invalid-input');
  else next(error);
};
