import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, reasonOf } from '../support/browser.ts';
import { inboxOf, tokenFor } from '../support/inbox.ts';
import { endAllServices, type RunningService, startService } from '../support/service.ts';

let service: RunningService;
const password = 'correct horse battery';

beforeAll(async () => {
  service = await startService({ env: { TRUST_PROXY: '1', LIMIT_GLOBAL: '5000/15m' } });
});
afterAll(endAllServices);

/** A browser somewhere else on the net, seen through the one proxy that is trusted. */
function browserAt(ip: string): Browser {
  return new Browser(service.url, { 'x-forwarded-for': ip });
}

it('lets the owner in from a known browser after a hundred wrong passwords from a hundred addresses', async () => {
  const owner = browserAt('198.51.100.7');
  await owner.trpc.auth.register.mutate({ name: 'Olive', email: 'olive@example.com', password });
  await owner.trpc.auth.verifyEmail.mutate({ token: await tokenFor(service.url, 'olive@example.com') });

  const reasons = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      reasonOf(browserAt(`203.0.113.${n}`).trpc.auth.login.mutate({ email: 'olive@example.com', password: `guess ${n}` })),
    ),
  );
  expect(reasons.filter((reason) => reason === 'invalid-credentials')).toHaveLength(10);
  expect(reasons.filter((reason) => reason === 'too-many-requests')).toHaveLength(90);

  expect(await reasonOf(browserAt('192.0.2.1').trpc.auth.login.mutate({ email: 'olive@example.com', password }))).toBe('too-many-requests');
  expect((await owner.login('olive@example.com', password)).user.name).toBe('Olive');
});

describe('bad input', () => {
  const register = { name: 'Ada', email: 'bad@example.com', password };
  const cases: [string, string, unknown][] = [
    ['unknown keys', 'auth.register', { ...register, emailVerified: true }],
    ['an array for a string', 'auth.register', { ...register, email: ['bad@example.com'] }],
    ['an operator for a string', 'auth.login', { email: { $ne: null }, password }],
    ['a 300-character address', 'auth.register', { ...register, email: `${'a'.repeat(60)}@${'b'.repeat(235)}.com` }],
    ['a lone surrogate in the password', 'auth.register', { ...register, password: `eight or more \ud800` }],
    ['a lone surrogate in the name', 'auth.register', { ...register, name: 'Ada \udfff' }],
    ['an array at the top', 'auth.register', [register]],
    ['null', 'auth.register', null],
    ['both passwords', 'auth.verifyEmail', { token: 'x', password, newPassword: password, name: 'Ada' }],
    ['input where there is none', 'auth.logout', { all: true }],
    ['11 kB', 'auth.register', { ...register, name: 'x'.repeat(11_000) }],
  ];

  it.each(cases)('%s gets a typed 4xx and changes nothing', async (_, procedure, input) => {
    const mailsBefore = (await inboxOf(service.url)).length;
    const { status, body } = await browserAt('198.51.100.9').post(procedure, input);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.parse(body).error.data.reason).toBe('invalid-input');
    expect(body).not.toContain('bad@example.com');
    expect(await inboxOf(service.url)).toHaveLength(mailsBefore);
  });

  it('__proto__ as a key is an unknown key', async () => {
    const { status, data } = await raw({ body: `{"__proto__":{"a":1},"email":"a@b.example","password":"x"}`, path: '/trpc/auth.login' });
    expect([status, data.reason]).toEqual([400, 'invalid-input']);
  });

  const forms: [string, RawRequest, number, string][] = [
    ['multipart', { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' }, 415, 'invalid-input'],
    ['octets', { headers: { 'content-type': 'application/octet-stream' }, body: '{}' }, 415, 'invalid-input'],
    ['text', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415, 'invalid-input'],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' }, body: '{}' }, 415, 'invalid-input'],
    ['broken JSON', { body: '{"email":' }, 400, 'invalid-input'],
    ['bytes that are no UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, 'invalid-input'],
    ['11 kB in chunks', { headers: { 'transfer-encoding': 'chunked' }, body: `"${'x'.repeat(11_000)}"` }, 413, 'invalid-input'],
    ['a foreign Origin', { headers: { origin: 'https://evil.example' } }, 403, 'forbidden-origin'],
    ['the Origin null', { headers: { origin: 'null' } }, 403, 'forbidden-origin'],
    ['a cross-site fetch without Origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'forbidden-origin'],
    ['a sibling origin without Origin', { headers: { 'sec-fetch-site': 'same-site' } }, 403, 'forbidden-origin'],
    ['a GET on a mutation', { method: 'GET' }, 405, 'invalid-input'],
    ['a PUT', { method: 'PUT' }, 405, 'invalid-input'],
    ['a batch of 500', { path: `/trpc/${Array(500).fill('auth.logout').join(',')}?batch=1` }, 400, 'invalid-input'],
    ['a batch of one', { path: '/trpc/auth.logout?batch=1' }, 400, 'invalid-input'],
    ['a streamed answer', { headers: { 'trpc-accept': 'application/jsonl' } }, 400, 'invalid-input'],
    ['an unknown procedure', { path: '/trpc/auth.nothing' }, 404, 'invalid-input'],
    ['an unknown path', { path: '/nothing' }, 404, 'invalid-input'],
    ['a broken escape', { path: '/trpc/%E0%A4%A' }, 400, 'invalid-input'],
  ];
  it.each(forms)('%s is refused', async (_, request, status, reason) => {
    const answer = await raw({ path: '/trpc/auth.logout', ...request });
    expect([answer.status, answer.data.reason]).toEqual([status, reason]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['strict-transport-security']).toContain('max-age=31536000');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('a request without Origin and Sec-Fetch-Site is not a browser, and passes', async () => {
    expect((await raw({ path: '/trpc/auth.logout' })).status).toBe(200);
  });
});

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A request as no fetch would send it. */
function raw({ method = 'POST', path = '/', headers = {}, body }: RawRequest) {
  return new Promise<{ status: number; headers: Record<string, unknown>; data: { reason?: string } }>((resolve, reject) => {
    const given = { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers };
    const { port } = new URL(service.url);
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: given }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { error } = JSON.parse(Buffer.concat(chunks).toString());
        resolve({ status: response.statusCode ?? 0, headers: response.headers, data: error?.data ?? {} });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
