import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, errorDataOf, inboundUseCases, portOf, resultOf, send } from '../../../support/http.ts';
import { openDoor } from '../../../support/door.ts';
import { ADDRESS, NAME, PASSWORD } from '../../../support/world.ts';
import { createHttpServer, type HttpServer } from '#adapters/inbound/express/http-server.ts';
import { createTrpcHandler } from '#adapters/inbound/express/trpc-handler.ts';
import { authRouter } from '#adapters/inbound/trpc/auth-router.ts';
import { publicProcedure, router } from '#adapters/inbound/trpc/init.ts';
import { protectedProcedure } from '#adapters/inbound/trpc/protected-procedure.ts';

let http: HttpServer;
afterEach(() => http.stop(0));

const hostRouter = router({
  auth: authRouter,
  notes: router({
    public: publicProcedure.query(() => 'for everybody'),
    mine: protectedProcedure.query(({ ctx }) => `notes of ${ctx.user.name}`),
  }),
});

/** A host's own Express app with our router merged into its. */
async function openHost() {
  const door = openDoor();
  const host = express();
  host.disable('x-powered-by');
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
        onError: () => {},
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
  return { door, port, call };
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
});
