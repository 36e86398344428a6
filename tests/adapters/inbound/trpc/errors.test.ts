import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, errorDataOf, type Http, openHttp, inboundUseCases } from '../../../support/http.ts';
import { openDoor } from '../../../support/door.ts';
import { PASSWORD } from '../../../support/world.ts';
import type { Login } from '#application/use-cases/login.ts';
import { Unavailable } from '#application/unavailable.ts';

let http: Http;
afterEach(() => http.close());

const credentials = { email: 'ada@example.com', password: PASSWORD };
const CANARY = 'mongodb://root:canary@10.1.2.3 dup key: { email: "victim@example.com" }';

/** A door whose login fails with what an adapter threw. */
async function loginThatThrows(thrown: unknown): Promise<Answer> {
  const login: Pick<Login, 'execute'> = { execute: () => Promise.reject(thrown) };
  http = await openHttp({ useCases: { ...inboundUseCases(openDoor()), login: login as Login } });
  return http.call('auth.login', credentials);
}

describe('what nobody expected', () => {
  const stored = z.object({ passwordHash: z.string() }).safeParse({}).error;
  const cases: [string, unknown][] = [
    ['an error of a driver', new Error(CANARY, { cause: new Error(CANARY) })],
    ['a stored record that is malformed', stored],
    ['something that is no error', CANARY],
    ['an error that carries a status and a code', Object.assign(new Error(CANARY), { status: 404, code: 'NOT_FOUND', statusCode: 418 })],
  ];

  it.each(cases)('%s is answered as internal, without a word of it', async (_what, thrown) => {
    const answer = await loginThatThrows(thrown);
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({
      error: {
        message: 'internal',
        code: -32603,
        data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, path: 'auth.login', reason: 'internal' },
      },
    });
  });

  it.each(cases)('%s is told once, under the id that the answer carries', async (_what, thrown) => {
    const answer = await loginThatThrows(thrown);
    expect(http.errors).toHaveLength(1);
    expect(http.errors[0]).toMatchObject({ requestId: answer.headers['x-request-id'], path: 'auth.login' });
    expect(answer.headers['x-request-id']).not.toBe('');
  });

  it('is told as it was thrown', async () => {
    const thrown = new Error(CANARY);
    await loginThatThrows(thrown);
    expect(http.errors[0]?.error).toBe(thrown);
  });

  it('sets no cookie', async () => {
    expect((await loginThatThrows(new Error(CANARY))).cookies).toEqual([]);
  });
});

describe('an unavailable dependency', () => {
  it.each([
    [1, 1],
    [2_000, 2],
    [2_001, 3],
    [30_000, 30],
  ])('is 503 with Retry-After, %i ms rounded up to %i s', async (retryAfterMs, seconds) => {
    const answer = await loginThatThrows(new Unavailable(CANARY, { cause: new Error(CANARY), retryAfterMs }));
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe(String(seconds));
    expect(errorDataOf(answer)).toEqual({
      code: 'SERVICE_UNAVAILABLE',
      httpStatus: 503,
      path: 'auth.login',
      reason: 'unavailable',
      retryAfterSeconds: seconds,
    });
    expect(answer.body).not.toContain('canary');
  });
});

describe('a limit', () => {
  it('is 429 with whole seconds, at least one, in the header and in the answer', async () => {
    http = await openHttp({}, { limits: { login: { points: 1, windowMs: 1_500 } } });
    await http.call('auth.login', credentials);
    const answer = await http.call('auth.login', credentials);
    const { retryAfterSeconds, ...data } = errorDataOf(answer);
    expect(data).toEqual({ code: 'TOO_MANY_REQUESTS', httpStatus: 429, path: 'auth.login', reason: 'too-many-requests' });
    expect(retryAfterSeconds).toBe(Number(answer.headers['retry-after']));
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(retryAfterSeconds).toBeLessThanOrEqual(2);
  });
});

describe('input of the wrong shape', () => {
  it('names fields by path and code, never a value', async () => {
    http = await openHttp();
    const answer = await http.call('auth.register', { name: 'x'.repeat(401), email: { $ne: 'canary' }, extra: 'canary' });
    expect(answer.status).toBe(400);
    expect(errorDataOf(answer)).toEqual({
      code: 'BAD_REQUEST',
      httpStatus: 400,
      path: 'auth.register',
      reason: 'invalid-input',
      fields: { name: 'too-long', email: 'required', password: 'required', extra: 'unknown' },
    });
  });

  it('is a security event that tells the procedure and nothing of the input', async () => {
    http = await openHttp();
    await http.call('auth.login', { email: 'canary', password: 5 });
    expect(http.events.map(({ event }) => event)).toEqual([{ event: 'input_validation_fail', path: 'auth.login' }]);
  });

  it.each([
    ['__proto__', '{"email":"a@example.com","password":"x","__proto__":{"admin":true}}'],
    ['constructor', '{"email":"a@example.com","password":"x","constructor":{"prototype":{}}}'],
    ['an operator', '{"email":{"$ne":null},"password":{"$gt":""}}'],
    ['a list of values', '{"email":["a@example.com","b@example.com"],"password":"x"}'],
    ['a list of inputs', '[{"email":"a@example.com","password":"x"}]'],
    ['a role', '{"email":"a@example.com","password":"x","emailVerified":true}'],
    ['null', '{"email":null,"password":null}'],
  ])('%s is refused before anything runs', async (_what, body) => {
    http = await openHttp();
    const answer = await http.send('/trpc/auth.login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([answer.status, errorDataOf(answer).reason]).toEqual([400, 'invalid-input']);
    expect(http.door.limiter.taken).toEqual([]);
  });
});
