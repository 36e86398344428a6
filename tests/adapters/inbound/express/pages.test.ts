import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type ErrorRequestHandler } from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorDataOf, portOf, send, type Sent } from '../../../support/http.ts';
import { createHttpServer, type HttpServer } from '#adapters/inbound/express/http-server.ts';
import { pageRoutes } from '#adapters/inbound/express/pages.ts';

const DOCUMENT = '<!doctype html><title>Demo</title>';
const FILES = ['/', '/verify', '/icon.svg', '/assets/app-1.js', '/pages/pages.css'];

let demo: string;
let http: HttpServer;
const errors: unknown[] = [];
const ask = (path: string, sent: Sent = {}) => send(portOf(http.server.address()), path, sent);

beforeAll(async () => {
  demo = await mkdtemp(join(tmpdir(), 'pages-'));
  await mkdir(join(demo, 'assets'));
  await writeFile(join(demo, 'index.html'), DOCUMENT);
  await writeFile(join(demo, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(demo, 'assets/app-1.js'), 'export {};');
  const unexpected: ErrorRequestHandler = (error, _request, response, _next) => {
    errors.push(error);
    response.sendStatus(500);
  };
  http = createHttpServer(express().use(pageRoutes(demo), unexpected));
  await http.listen({ host: '127.0.0.1', port: 0 });
});
beforeEach(() => errors.splice(0));
afterAll(async () => {
  await http.stop(0);
  await rm(demo, { recursive: true });
});

describe('a demo that is built', () => {
  it.each(['/', '/sign-up', '/check-inbox', '/verify', '/sign-in', '/account', '/inbox'])('is one document, at %s too', async (path) => {
    const { status, body, headers } = await ask(path);
    expect([status, body, headers['cache-control']]).toEqual([200, DOCUMENT, 'no-store']);
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
  });

  it('is kept by browsers as far as its files are named for their content', async () => {
    expect((await ask('/assets/app-1.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await ask('/icon.svg')).headers['cache-control']).toBe('public, max-age=86400');
  });

  it.each([
    '/assets/../index.html',
    '/assets/..%2findex.html',
    '/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/pages/..%5cpages.ts',
    '/assets/%00',
  ])('gives no file by %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
    expect(errors).toEqual([]);
  });
});

describe.each(FILES)('a file, %s', (path) => {
  it.each(['bytes=99999999-', 'bytes=0-0', 'bytes=5-1', 'bytes=0-0,1-1', 'lines=1'])(
    'is given whole, whatever range is asked for: %s',
    async (range) => {
      const whole = await ask(path);
      const { status, body } = await ask(path, { headers: { range } });
      expect([status, body]).toEqual([200, whole.body]);
      expect(errors).toEqual([]);
    },
  );

  it.each([
    ['if-match', '"another"'],
    ['if-unmodified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ])('under a condition that does not hold is the caller’s affair, and kept by nobody: %s', async (name, value) => {
    const answer = await ask(path, { headers: { [name]: value } });
    expect([answer.status, answer.headers['cache-control']]).toEqual([412, 'no-store']);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(errorDataOf(answer)).toEqual({ code: 'PRECONDITION_FAILED', httpStatus: 412, reason: 'invalid-input' });
    expect(errors).toEqual([]);
  });
});
