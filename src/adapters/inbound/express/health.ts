import { type Router, Router as createRouter } from 'express';

export type Health = 'ok' | 'degraded' | 'down';

export interface HealthDeps {
  /** What the service depends on, each with a way to ask how it is. */
  readonly checks: Readonly<Record<'persistence' | 'limiter' | 'mail', () => Health | Promise<Health>>>;
  readonly isStopping: () => boolean;
  readonly jwks: { readonly keys: readonly object[] };
}

const CHECK_MS = 1_000;

/** `/healthz`: the process lives. `/readyz`: it can serve, and how each dependency is; no host, version or error. JWKS: RFC 7517. */
export function healthRoutes({ checks, isStopping, jwks }: HealthDeps): Router {
  const routes = createRouter();

  routes.get('/healthz', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store').json({ status: 'ok' });
  });

  routes.get('/readyz', async (_request, response) => {
    const asked = Object.entries(checks).map(async ([name, check]) => [name, await inTime(check)] as const);
    const answers = Object.fromEntries(await Promise.all(asked));
    const down = isStopping() || answers['persistence'] === 'down';
    const status = down ? 'down' : Object.values(answers).every((health) => health === 'ok') ? 'ok' : 'degraded';
    response
      .status(down ? 503 : 200)
      .setHeader('Cache-Control', 'no-store')
      .json({ status, checks: answers });
  });

  routes.get('/.well-known/jwks.json', (_request, response) => {
    response.setHeader('Cache-Control', 'public, max-age=300').setHeader('Access-Control-Allow-Origin', '*').json(jwks);
  });

  return routes;
}

async function inTime(check: () => Health | Promise<Health>): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve('down'), CHECK_MS);
  });
  const answer = Promise.resolve()
    .then(check)
    .catch((): Health => 'down');
  const health = await Promise.race([answer, late]);
  clearTimeout(timer);
  return health;
}
