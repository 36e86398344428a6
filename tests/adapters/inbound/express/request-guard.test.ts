import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, errorDataOf, type Http, openHttp, type Sent } from '../../../support/http.ts';
import { PASSWORD } from '../../../support/world.ts';

let http: Http;
beforeAll(async () => {
  http = await openHttp();
});
afterAll(() => http.close());
beforeEach(() => http.door.limiter.openBook());

const JSON_TYPE = { 'content-type': 'application/json' };
const login = JSON.stringify({ email: 'ada@example.com', password: PASSWORD });
const post = (procedure: string, body: string | Buffer, headers = {}) =>
  http.send(`/trpc/${procedure}`, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body });

/** Refused with the status in tRPC's form, nothing run and no cookie set. */
function expectRefused(answer: Answer, status: number): void {
  expect([answer.status, errorDataOf(answer)]).toMatchObject([status, { httpStatus: status, reason: 'invalid-input' }]);
  expect(answer.cookies).toEqual([]);
  expect(http.door.limiter.taken).toEqual([]);
}

describe('a content type', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'])(
    '%s is taken',
    async (type) => {
      expect((await post('auth.login', login, { 'content-type': type })).status).toBe(401);
    },
  );

  it.each([
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'text/plain',
    'text/plain; application/json',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/jsonl',
    'application/trpc+json',
    '',
  ])('"%s" is refused, with an input and without', async (type) => {
    expectRefused(await post('auth.login', login, { 'content-type': type }), 415);
    expectRefused(await post('auth.logout', '{}', { 'content-type': type }), 415);
  });

  it('that is missing is refused', async () => {
    expectRefused(await http.send('/trpc/auth.logout', { method: 'POST', body: '{}' }), 415);
  });
});

describe('a method', () => {
  it.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'])('%s is refused on every path', async (method) => {
    for (const path of ['/trpc/auth.logout', '/trpc/auth.me', '/healthz', '/readyz', '/.well-known/jwks.json', '/verify', '/nowhere']) {
      const answer = await http.send(path, { method, headers: JSON_TYPE });
      expectRefused(answer, 405);
      expect(answer.headers.allow).toContain('GET');
    }
  });

  it('HEAD does no work on a procedure', async () => {
    const { status, cookies, body } = await http.send('/trpc/auth.logout', { method: 'HEAD' });
    expect([status, cookies, body]).toEqual([405, [], '']);
  });

  it('GET runs no mutation, and POST no query', async () => {
    expectRefused(await http.send('/trpc/auth.logout'), 405);
    expectRefused(await post('auth.me', '{}'), 405);
  });
});

describe('a body', () => {
  const long = JSON.stringify({ email: 'ada@example.com', password: 'x'.repeat(10_240) });
  const halves = [long.slice(0, 6_000), long.slice(6_000)];

  it.each(['auth.login', 'auth.logout', 'auth.refresh', 'nowhere'])(
    'beyond 10 kB is refused for %s, with a length and without',
    async (path) => {
      expectRefused(await post(path, long), 413);
      expectRefused(await http.send(`/trpc/${path}`, { method: 'POST', headers: JSON_TYPE, chunks: halves }), 413);
    },
  );

  it('that is announced as too long is refused before it has come', async () => {
    const head = 'POST /trpc/auth.logout HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n';
    const socket = connect(http.port, '127.0.0.1', () => socket.write(head));
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    socket.destroy();
    expect(answer.toString().split('\r\n')[0]).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('of 10 kB is taken', async () => {
    const room = 10_240 - Buffer.byteLength(JSON.stringify({ token: '' }));
    const answer = await post('auth.verifyEmail', JSON.stringify({ token: 'x'.repeat(room) }));
    expect(errorDataOf(answer)).toMatchObject({ httpStatus: 400, fields: { token: 'too-long' } });
  });

  it.each(['gzip', 'deflate', 'br', 'x-unheard-of'])('that is encoded as %s is refused', async (encoding) => {
    expectRefused(await post('auth.login', gzipSync(login), { 'content-encoding': encoding }), 415);
  });

  it('that is no UTF-8 is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"email":"a@example.com","password":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expectRefused(await post('auth.login', bytes), 400);
  });

  it.each(['{', '{"a":}', 'null', '"text"', '5', '[', '{}{}', '\u0000', '{"email":"\n"}'])('%j is refused', async (body) => {
    expectRefused(await post('auth.login', body), 400);
  });
});

describe('a body of brackets in brackets', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it.each(['auth.login', 'auth.logout', 'auth.refresh', 'auth.register', 'nowhere'])(
    'is refused for %s, and nothing overflows',
    async (path) => {
      for (const depth of [66, 5_000]) expectRefused(await post(path, nested(depth)), 400);
      expectRefused(await post(path, `{"email":${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}}`), 400);
      expect(http.errors).toEqual([]);
    },
  );
});

describe('a procedure without an input', () => {
  const send = (sent: Sent) => http.send('/trpc/auth.logout', { method: 'POST', headers: JSON_TYPE, ...sent });

  it('takes an empty body or {}', async () => {
    for (const sent of [{}, { body: '' }, { body: '{}' }, { body: ' { } ' }, { chunks: [] }]) expect((await send(sent)).status).toBe(200);
  });

  it.each(['{"a":1}', '[]', '[{}]', '{"__proto__":{}}', '{"json":{}}'])('refuses %s', async (body) => {
    expectRefused(await send({ body }), 400);
    expectRefused(await send({ chunks: [body] }), 400);
  });

  it.each(['x/auth.logout', '/auth.logout', 'auth.me/auth.logout', 'auth%2Elogout', '%61uth.logout', 'x%2Fauth.logout'])(
    'is not to be had as %s, where a guard would not know its name',
    async (path) => {
      const answer = await post(path, '{"a":1}');
      expect([400, 404]).toContain(answer.status);
      expectRefused(answer, answer.status);
      expect((await post(path, '{}')).status).toBe(answer.status);
    },
  );
});

describe('many calls at once', () => {
  const many = (count: number) => Array(count).fill('auth.login').join(',');
  const inputs = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, JSON.parse(login)])));

  it.each([
    ['a batch of 50', `${many(50)}?batch=1`, inputs(50)],
    ['a batch of 500', `${many(500)}?batch=1`, '{}'],
    ['a batch of one', 'auth.login?batch=1', inputs(1)],
    ['a batch, spelled otherwise', `${many(2)}?%62atch=1`, inputs(2)],
    ['a batch, spelled otherwise, of one', 'auth.login?x=1&b%61tch=1', inputs(1)],
    ['a path of many names', many(2), login],
    ['a path of many names, spelled otherwise', 'auth.login%2Cauth.login', login],
    ['a path of 3 000 commas', ','.repeat(3_000), '{}'],
  ])('%s runs nothing', async (_what, path, body) => {
    expectRefused(await post(path, body), 400);
  });

  it.each([
    ['accept', 'application/jsonl'],
    ['accept', 'text/html, application/jsonl'],
    ['trpc-accept', 'application/jsonl'],
  ])('%s: %s is refused, for a stream loses cookies', async (name, value) => {
    expectRefused(await post('auth.login', login, { [name]: value }), 400);
  });
});

describe('a path that is none', () => {
  it.each(['/trpc', '/trpc/', '/trpc/nowhere', '/trpc/constructor', '/trpc/__proto__', '/trpc/auth', '/trpc/auth.logout/', '/nowhere'])(
    '%s is answered in tRPC’s form',
    async (path) => {
      expectRefused(await http.send(path), 404);
    },
  );

  it('is answered alike when it cannot be decoded', async () => {
    expectRefused(await http.send('/trpc/%E0%A4%A'), 400);
  });
});
