import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, httpLink } from '@trpc/client';
import { TRPCError } from '@trpc/server';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { reasonOf } from '../support/browser.ts';
import { endAllServices, freePort, temporaryFolder } from '../support/service.ts';
import {
  authRouter,
  createLogger,
  openSallyport,
  parseConfig,
  protectedProcedure,
  publicProcedure,
  router,
  type Sallyport,
} from '#entry.ts';

const hostRouter = router({
  auth: authRouter,
  notes: router({
    motto: publicProcedure.query(() => 'open to all'),
    closed: publicProcedure.query(() => {
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'canary' });
    }),
    greet: protectedProcedure.input(z.strictObject({ word: z.string() })).query(({ ctx, input }) => `${input.word}, ${ctx.user.name}`),
  }),
});
type HostRouter = typeof hostRouter;

let sallyport: Sallyport;
let url: string;
const server = createServer();

/** A host's own app: its own routes, and our router with the host's procedures merged in. */
beforeAll(async () => {
  const port = await freePort();
  url = `http://localhost:${port}`;
  const config = parseConfig({ PORT: String(port), DATA_DIR: await temporaryFolder() });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  sallyport = await openSallyport(config.value, { logger: createLogger({ level: 'silent' }) });

  const app = express();
  app.get('/own', (_request, response) => {
    response.send('the host');
  });
  app.use('/trpc', sallyport.handler(hostRouter));
  server.on('request', app).listen(port, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await sallyport?.close();
  await sallyport?.close();
  await endAllServices();
});

function clientWith(accessToken: string | null) {
  const headers = accessToken === null ? {} : { authorization: `Bearer ${accessToken}` };
  return createTRPCClient<HostRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] });
}

it('carries our procedures and its own in one router, with the signed-in user in the context', async () => {
  expect((server.address() as AddressInfo).port).toBeGreaterThan(0);
  expect(await (await fetch(`${url}/own`)).text()).toBe('the host');
  const anybody = clientWith(null);
  expect(await anybody.notes.motto.query()).toBe('open to all');
  expect(await reasonOf(anybody.notes.greet.query({ word: 'Hello' }))).toBe('unauthenticated');
  expect(await reasonOf(anybody.notes.greet.query({ word: 1 as never }))).toBe('unauthenticated');

  const answer = await fetch(`${url}/trpc/auth.register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }),
  });
  const cookie = answer.headers.getSetCookie().join().split(';')[0] ?? '';
  const [, token = ''] = /#token=([\w.-]+)/.exec(await mailOf(sallyport)) ?? [];
  const browser = createTRPCClient<HostRouter>({ links: [httpLink({ url: `${url}/trpc`, headers: { cookie } })] });
  const { session } = await browser.auth.verifyEmail.mutate({ token });

  const signedIn = clientWith(session?.accessToken ?? null);
  expect(await signedIn.notes.greet.query({ word: 'Hello' })).toBe('Hello, Ada');
  expect(await reasonOf(signedIn.notes.greet.query({ word: 1 as never }))).toBe('invalid-input');
});

it('keeps the reason of its own refusals, without their words', async () => {
  const answer = await fetch(`${url}/trpc/notes.closed`);
  const body = await answer.text();
  expect(answer.status).toBe(401);
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{22}$/);
  expect(body).toContain('"reason":"unauthenticated"');
  expect(body).not.toContain('canary');
});

it('has our guards in front of its own procedures', async () => {
  const answer = await fetch(`${url}/trpc/notes.motto`, { headers: { origin: 'https://evil.example' } });
  expect(answer.status).toBe(403);
});

async function mailOf({ app }: Sallyport): Promise<string> {
  const own = createServer(app).listen(0, '127.0.0.1');
  await once(own, 'listening');
  const { port } = own.address() as AddressInfo;
  try {
    for (let tries = 0; tries < 100; tries += 1) {
      const text = await (await fetch(`http://localhost:${port}/dev/inbox.json`)).text();
      if (text.includes('#token=')) return text;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('no mail');
  } finally {
    own.closeAllConnections();
    own.close();
  }
}
