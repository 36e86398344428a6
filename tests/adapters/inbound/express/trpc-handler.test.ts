import { gzipSync } from 'node:zlib';
import { TRPCError } from '@trpc/server';
import express, { type RequestHandler } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, errorDataOf, inboundUseCases, portOf, resultOf, send, type Sent } from '../../../support/http.ts';
import { openDoor } from '../../../support/door.ts';
import { ADDRESS, NAME, PASSWORD } from '../../../support/world.ts';
import { createHttpServer, type HttpServer } from '#adapters/inbound/express/http-server.ts';
import { createTrpcHandler } from '#adapters/inbound/express/trpc-handler.ts';
import { authRouter } from '#adapters/inbound/trpc/auth-router.ts';
import { publicProcedure, router } from '#adapters/inbound/trpc/init.ts';
import { protectedProcedure } from '#adapters/inbound/trpc/protected-procedure.ts';

let http: HttpServer;
afterEach(() => http.stop(0));

const FAULTS = ['BAD_GATEWAY', 'GATEWAY_TIMEOUT', 'NOT_IMPLEMENTED', 'INTERNAL_SERVER_ERROR'] as const;

const hostRouter = router({
  auth: authRouter,
  notes: router({
    public: publicProcedure.query(() => 'for everybody'),
    mine: protectedProcedure.query(({ ctx }) => `notes of ${ctx.user.name}`),
    echo: publicProcedure.input(z.unknown()).mutation(({ input }) => ({ input })),
    broken: publicProcedure.input(z.enum(FAULTS)).mutation(({ input }) => {
      throw new TRPCError({ code: input, message: 'canary' });
    }),
  }),
});

/** A host's own Express app with our router merged into its. */
async function openHost(before: RequestHandler[] = []) {
  const door = openDoor();
  const errors: unknown[] = [];
  const host = express();
  host.disable('x-powered-by');
  for (const handler of before) host.use(handler);
  host.use(
    '/trpc',
    createTrpcHandler(
      {
        useCases: inboundUseCases(door),
        securityLog: door.deps.securityLog,
        publicUrl: 'https://door.example',
        corsOrigins: [],
        now: () => door.clock.now(),
        newRequestId: () => 'r1',
        onError: (error) => errors.push(error),
      },
      hostRouter,
    ),
  );
  host.get('/host', (_request, response) => {
    response.send('the host');
  });
  http = createHttpServer(host);
  await http.listen({ host: '127.0.0.1', port: 0 });
  const port = portOf(http.server.address());
  const call = (procedure: string, input: unknown, cookies?: Answer) =>
    send(port, `/trpc/${procedure}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(cookies && { cookie: cookies.cookies.map((line) => line.split(';')[0]).join('; ') }),
      },
      body: JSON.stringify(input),
    });
  return { door, port, call, errors };
}

describe('in a host’s own app', () => {
  it('procedures of the host stand beside ours', async () => {
    const { port } = await openHost();
    expect(resultOf(await send(port, '/trpc/notes.public', {}))).toBe('for everybody');
    expect((await send(port, '/host', {})).body).toBe('the host');
  });

  it('a protected procedure knows who calls, and refuses who is nobody', async () => {
    const { door, port, call } = await openHost();
    const signUp = await call('auth.register', { name: NAME, email: ADDRESS, password: PASSWORD });
    await door.useCases.deliver.execute({ owner: 'worker' });
    const letter = door.transport.taken.at(-1)?.letter;
    const token = letter?.kind === 'confirm-address' ? letter.link.split('#token=')[1] : '';
    const { session } = resultOf(await call('auth.verifyEmail', { token }, signUp)) as { session: { accessToken: string } };

    const headers = { authorization: `Bearer ${session.accessToken}` };
    expect(resultOf(await send(port, '/trpc/notes.mine', { headers }))).toBe(`notes of ${NAME}`);
    expect(errorDataOf(await send(port, '/trpc/notes.mine', {})).reason).toBe('unauthenticated');
  });

  it('the guards come along', async () => {
    const { port } = await openHost();
    const logout = (headers: Record<string, string>) => send(port, '/trpc/auth.logout', { method: 'POST', headers, body: '{}' });
    expect((await logout({ 'content-type': 'application/json', origin: 'https://evil.example' })).status).toBe(403);
    expect((await logout({ 'content-type': 'multipart/form-data; boundary=x' })).status).toBe(415);
    expect((await send(port, '/trpc/auth.me?batch=1', {})).status).toBe(400);
  });

  it('the headers come along, and leave the host’s own answers alone', async () => {
    const { port } = await openHost();
    for (const path of ['/trpc/notes.public', '/trpc/notes.mine', '/trpc/nowhere', '/trpc/auth.me?batch=1']) {
      expect((await send(port, path, {})).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
    expect((await send(port, '/host', {})).headers['content-security-policy']).toBeUndefined();
  });

  it.each(['text', '', '{}', '"', 5, true, null, [1], { word: 'text' }])(
    'a procedure of the host is given the JSON it is sent: %j',
    async (input) => {
      const { call } = await openHost();
      expect(resultOf(await call('notes.echo', input))).toEqual({ input });
    },
  );

  it.each(FAULTS)('a fault of the host is told, and answered without a word of it: %s', async (code) => {
    const { call, errors } = await openHost();
    const answer = await call('notes.broken', code);
    expect(errorDataOf(answer)).toMatchObject({ code, httpStatus: answer.status, reason: 'internal' });
    expect(answer.body).not.toContain('canary');
    expect(errors).toMatchObject([{ message: 'canary' }]);
  });
});

describe('behind a parser that the host runs first', () => {
  const login = { email: ADDRESS, password: PASSWORD };
  const post = (port: number, procedure: string, body: Pick<Sent, 'body' | 'chunks'>, headers = {}) =>
    send(port, `/trpc/${procedure}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, ...body });

  it('calls work', async () => {
    const { port, call } = await openHost([express.json()]);
    expect((await call('auth.login', login)).status).toBe(401);
    expect((await post(port, 'auth.logout', {})).status).toBe(200);
  });

  it('a body is no longer than without one, whatever the parser takes', async () => {
    const { door, port } = await openHost([express.json({ limit: '1mb' })]);
    const long = JSON.stringify({ ...login, more: 'x'.repeat(10_240) });
    for (const body of [{ body: long }, { chunks: [long] }]) {
      expect(errorDataOf(await post(port, 'auth.login', body))).toMatchObject({ httpStatus: 413, reason: 'invalid-input' });
    }
    expect(door.limiter.taken).toEqual([]);
  });

  it('a body that was compressed is refused', async () => {
    const { door, port } = await openHost([express.json()]);
    const answer = await post(port, 'auth.login', { body: gzipSync(JSON.stringify(login)) }, { 'content-encoding': 'gzip' });
    expect(errorDataOf(answer)).toMatchObject({ httpStatus: 415, reason: 'invalid-input' });
    expect(door.limiter.taken).toEqual([]);
  });
});
