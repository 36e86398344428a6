import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, TRPCError } from '@trpc/server';
import express from 'express';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ISSUER, type KeyServer, makeKey, mint, openKeyServer, type SigningKey } from './support.ts';
import { AccessRefused, accessOf, createVerifier, expressVerifier, trpcVerifier, type Verifier } from '#verifier/entry.ts';

let key: SigningKey;
let keyServer: KeyServer;
let verifier: Verifier;

beforeAll(async () => {
  key = await makeKey('first');
});

beforeEach(async () => {
  keyServer = await openKeyServer();
  keyServer.serve([key]);
  verifier = createVerifier({ issuer: ISSUER, jwksUrl: keyServer.url });
});

afterEach(() => keyServer.close());

describe('in front of Express handlers', () => {
  let url: string;
  let close: () => Promise<void>;

  beforeEach(async () => {
    const app = express();
    app.get('/mine', expressVerifier(verifier), (_request, response) => {
      response.json(accessOf(response));
    });
    app.get('/forgotten', (_request, response) => {
      response.json(accessOf(response));
    });
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
  });

  afterEach(() => close());

  const get = (path: string, authorization?: string) =>
    fetch(url + path, authorization === undefined ? {} : { headers: { authorization } });

  it.each(['Bearer', 'bearer'])('a genuine token gets in: %s', async (scheme) => {
    const answer = await get('/mine', `${scheme} ${await mint(key)}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ userId: 'user-1', sessionId: 'session-1', tokenId: 'token-1' });
  });

  const unauthenticated = {
    error: { message: 'unauthenticated', data: { code: 'UNAUTHORIZED', httpStatus: 401, reason: 'unauthenticated' } },
  };

  it('a request without a token is asked for one', async () => {
    const answer = await get('/mine');
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await answer.json()).toEqual(unauthenticated);
  });

  it.each(['Bearer x', 'Bearer a.b.c'])('a bad token is told so: %j', async (authorization) => {
    const answer = await get('/mine', authorization);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
    expect(await answer.json()).toEqual(unauthenticated);
  });

  it.each(['Basic eDp5', 'Bearer', 'Bearer a b', 'Bearer a, Bearer b', 'Token x'])(
    'another header is no token: %j',
    async (authorization) => {
      expect((await get('/mine', authorization)).headers.get('www-authenticate')).toBe('Bearer');
    },
  );

  it('nobody gets in and nobody is sent away while the keys cannot be had', async () => {
    keyServer.serve((response) => response.destroy());
    const answer = await get('/mine', `Bearer ${await mint(key)}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toEqual({
      error: { message: 'unavailable', data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, reason: 'unavailable' } },
    });
  });

  it('a handler without the verifier in front lets nobody in', async () => {
    expect((await get('/forgotten', `Bearer ${await mint(key)}`)).status).toBe(500);
  });
});

describe('in front of tRPC procedures', () => {
  const t = initTRPC.context<{ authorization: string | undefined; requestId: string }>().create();
  const callWith = (authorization: string | undefined) =>
    t
      .createCallerFactory(
        t.router({ mine: t.procedure.concat(trpcVerifier(verifier)).query(({ ctx }) => `${ctx.access.userId} in ${ctx.requestId}`) }),
      )({ authorization, requestId: 'r1' })
      .mine();

  it('a genuine token gets in, and the context keeps the rest', async () => {
    expect(await callWith(`Bearer ${await mint(key)}`)).toBe('user-1 in r1');
  });

  it.each([undefined, 'Bearer x'])('another does not: %j', async (authorization) => {
    const error = await callWith(authorization).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TRPCError);
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: 'unauthenticated', cause: { reason: 'unauthenticated' } });
    expect((error as TRPCError).cause).toBeInstanceOf(AccessRefused);
  });

  it('nobody gets in while the keys cannot be had', async () => {
    keyServer.serve((response) => response.destroy());
    await expect(callWith(`Bearer ${await mint(key)}`)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      cause: { reason: 'unavailable' },
    });
  });
});
