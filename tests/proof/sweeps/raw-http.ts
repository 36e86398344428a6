import { connect } from 'node:net';
import fc from 'fast-check';

const QUIET_MS = 250;

/** Bytes for a socket. `cut`: hang up in the middle, without listening. */
export interface RawRequest {
  readonly bytes: Buffer;
  readonly cut: boolean;
}

const login = '{"email":"a@example.com","password":"long enough"}';

const target = fc.oneof(
  fc.constantFrom(
    '/',
    '*',
    '/trpc/auth.login',
    '/trpc/auth.me',
    '/healthz',
    '/readyz',
    '/dev/inbox',
    '/dev/inbox.json',
    '/pages/',
    '/assets/',
    '/.well-known/jwks.json',
  ),
  fc.constantFrom(
    '/../../etc/passwd',
    '/assets/../../../package.json',
    '/assets/%2e%2e/%2e%2e/bin.cjs',
    '/pages/..%2f..%2fmain.js',
    '/assets/..\\..\\bin.cjs',
    '/assets/%00',
    '/pages/%',
  ),
  fc.constantFrom(
    '//trpc/auth.login',
    '//evil.example/trpc/auth.me',
    'http://evil.example/trpc/auth.me',
    'evil.example:443',
    '/%',
    '/%c0%ae',
    '/%ff%fe',
    '/?%',
    '/\u00ff',
    '/a b',
    '',
  ),
  fc.integer({ min: 1, max: 40_000 }).map((length) => `/${'a'.repeat(length)}`),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => `/${Buffer.from(bytes).toString('latin1')}`),
);
const method = fc.constantFrom(
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'PUT',
  'CONNECT',
  'TRACE',
  'get',
  'G',
  'GETT',
  '',
  'PRI',
  'M-SEARCH',
  '\u00ff',
  'POST\t',
  'A'.repeat(9_000),
);
const version = fc.oneof(
  { weight: 6, arbitrary: fc.constant('HTTP/1.1') },
  fc.constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/1.1 ', 'HTTP', 'http/1.1', ''),
);
const header = fc.oneof(
  fc.constantFrom(
    'Content-Type: application/json',
    'Connection: close',
    'Connection: keep-alive, upgrade',
    'Origin: null',
    'Accept: text/html',
    'Accept-Encoding: \u00ff',
  ),
  fc.constantFrom(
    'Content-Length: 50',
    'Content-Length: 5',
    'Content-Length: -1',
    'Content-Length: 1e3',
    'Content-Length: 99999999999999999999',
    'Content-Length: 0',
    'content-length: 050',
  ),
  fc.constantFrom(
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
  ),
  fc.constantFrom(
    'Upgrade: websocket',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
    'Sec-WebSocket-Key: x',
    'Expect: 100-continue',
    'Expect: 200-maybe',
    'TE: trailers',
  ),
  fc.constantFrom(
    'Host: evil.example',
    'Host: a, b',
    'Host:',
    'Host: [::1',
    'X-Forwarded-Host: evil.example',
    'Forwarded: for="',
    'If-Modified-Since: x',
    'Range: bytes=5-1,-',
  ),
  fc.constantFrom(
    'no colon',
    ': no name',
    ' folded',
    'a b: c',
    'x\0y: z',
    'Cookie: =; ;;=a; refresh',
    'Cookie: refresh="',
    'Authorization: Bearer',
    'Authorization: Basic \u00ff',
  ),
  fc.integer({ min: 1, max: 30_000 }).map((length) => `X-Long: ${'a'.repeat(length)}`),
  fc.integer({ min: 1, max: 3_000 }).map((count) => Array.from({ length: count }, (_, n) => `X-${n}: a`).join('\r\n')),
);
const body = fc.oneof(
  fc.constantFrom(
    '',
    login,
    `5\r\n{"a":\r\n0\r\n\r\n`,
    'ffffffffffffffff\r\n',
    '-1\r\n',
    '5\r\nab\r\n0\r\n\r\n',
    `32;${'x'.repeat(5_000)}\r\n${login}\r\n0\r\n\r\n`,
    '0\r\nX: y\r\n\r\n',
  ),
  fc.constantFrom(login.repeat(300), `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

const request = fc
  .tuple(method, target, version, fc.array(header, { maxLength: 6 }), body)
  .map(
    ([verb, path, spoken, headers, content]) =>
      `${verb} ${path} ${spoken}\r\nHost: localhost\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${content}`,
  );
const garbage = fc.oneof(
  fc.constantFrom(
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    '\r\n'.repeat(500),
    '\0'.repeat(500),
    'EHLO a\r\n',
    '*1\r\n$4\r\nPING\r\n',
  ),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

/** One request or several in a row, whole or cut off. */
export const rawRequest: fc.Arbitrary<RawRequest> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 8, arbitrary: request }, { weight: 1, arbitrary: garbage }), { minLength: 1, maxLength: 3 }),
    fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.nat(400)),
  )
  .map(([requests, at]) => ({ bytes: Buffer.from(requests.join(''), 'latin1').subarray(0, at ?? undefined), cut: at !== null }));

/** Says it, and answers all that comes back until the line is silent. */
export function speak(port: number, { bytes, cut }: RawRequest): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.write(bytes, () => {
        if (cut) socket.resetAndDestroy();
      });
    });
    socket.setTimeout(QUIET_MS, () => socket.destroy());
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
    // Being hung up on is an answer, too.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(heard));
  });
}

/** Of every answer in what was heard. */
export function statusesIn(heard: string): number[] {
  return [...heard.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
