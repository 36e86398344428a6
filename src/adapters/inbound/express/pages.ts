import { join } from 'node:path';
import { type Router, Router as createRouter, static as files } from 'express';
import { PAGE, securityHeaders } from './security-headers.ts';

const FOLDER = join(import.meta.dirname, 'pages');

/** Our own pages: /verify, where mailed links lead. */
export function pageRoutes(): Router {
  const routes = createRouter();
  const headers = securityHeaders(PAGE);
  routes.get('/verify', headers, (_request, response) => {
    response.setHeader('Cache-Control', 'no-store').sendFile(join(FOLDER, 'verify.html'));
  });
  routes.use('/pages', headers, files(FOLDER, { index: false, redirect: false, extensions: false }));
  return routes;
}
