import { type Request, type RequestHandler, type Router, Router as createRouter } from 'express';
import { sendError } from './error-answer.ts';
import type { Inbox } from './inbox.ts';
import { inboxPage, mailPage } from './dev-inbox-page.ts';
import { PAGE, securityHeaders } from './security-headers.ts';

const FORWARDING = /^(?:forwarded|via|x-real-ip|x-forwarded-.+)$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** The inbox of somebody who tries the service out: as a page and as JSON, and to this machine alone. */
export function inboxRoutes(inbox: Inbox): Router {
  const routes = createRouter();
  routes.use(onlyFromHere);

  routes.get('/inbox.json', (_request, response) => {
    const mails = inbox
      .list()
      .map(({ id, to, subject, text, html, links, receivedAt }) => ({ id, to, subject, text, html, links, receivedAt }));
    response.setHeader('Cache-Control', 'no-store').json(mails);
  });

  // A page that frames its own mails, which run nothing: no script may, in the page or in the frames.
  const shown = securityHeaders({ ...PAGE, scriptSrc: ["'none'"], frameSrc: ["'self'"] });
  routes.get('/inbox', shown, (_request, response) => {
    response.setHeader('Cache-Control', 'no-store').type('html').send(inboxPage(inbox.list()));
  });

  const framed = securityHeaders({
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    frameAncestors: ["'self'"],
    sandbox: ['allow-popups', 'allow-popups-to-escape-sandbox'],
  });
  routes.get('/inbox/:id', framed, (request, response) => {
    response.removeHeader('X-Frame-Options');
    // A sandboxed frame cannot have what this asks for, and the browser warns.
    response.removeHeader('Origin-Agent-Cluster');
    const mail = inbox.list().find(({ id }) => id === request.params['id']);
    if (mail === undefined) sendError(response, 404, 'invalid-input');
    else response.setHeader('Cache-Control', 'no-store').type('html').send(mailPage(mail));
  });
  return routes;
}

/** A name that resolves to this machine (DNS rebinding) or a proxy in front would open the inbox to others. */
const onlyFromHere: RequestHandler = (request, response, next) => {
  if (isFromHere(request)) next();
  else sendError(response, 404, 'invalid-input');
};

function isFromHere({ headers }: Request): boolean {
  return LOOPBACK.test(headers.host ?? '') && !Object.keys(headers).some((name) => FORWARDING.test(name));
}
