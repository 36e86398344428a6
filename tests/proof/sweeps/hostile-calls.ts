import type { OutgoingHttpHeaders } from 'node:http';
import fc from 'fast-check';
import { anyText } from '../../support/any-text.ts';

/** One HTTP request to a procedure, or to what could be taken for one. */
export interface HostileCall {
  readonly path: string;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Buffer | null;
}

const MUTATIONS = {
  register: ['name', 'email', 'password'],
  resendVerification: ['email'],
  changeRegistrationEmail: ['email'],
  disownRegistration: ['token'],
  verifyEmail: ['token', 'password', 'newPassword', 'name'],
  login: ['email', 'password'],
  refresh: [],
  logout: [],
} as const;
const QUERIES = ['registration', 'me'];
const PROCEDURES = [...Object.keys(MUTATIONS), ...QUERIES];
const FIELDS = [
  'name',
  'email',
  'password',
  'newPassword',
  'token',
  'input',
  'json',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  '0',
];

/** What a body may be at most, in bytes. */
export const BODY_LIMIT = 10 * 1024;

const base64url = (length: number) => fc.string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: length, maxLength: length });
const sizes = fc.constantFrom(1, 100, 400, 401, 512, 513, 1_024, 1_025, BODY_LIMIT - 100, BODY_LIMIT, BODY_LIMIT + 1, 100_000);

/** Texts that have broken parsers, databases, mail servers and logs. */
const text = fc.oneof(
  anyText({ maxLength: 60 }),
  fc.constantFrom(
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    '\ufeff',
    '\r\n.\r\n',
    '%00',
    '%',
    '../../etc/passwd',
    "' OR 1=1 --",
    '"; DROP TABLE users; --',
  ),
  fc.constantFrom(
    '{"$ne":null}',
    '$where',
    '{{7*7}}',
    '<script>alert(1)</script>',
    'null',
    'undefined',
    'NaN',
    '[object Object]',
    '\u0130'.repeat(80),
    '\ufdfa'.repeat(20),
  ),
  fc.tuple(fc.constantFrom('a', ' ', '\u{1f600}', '\0', '"', '\\', '\u0301', '.', '@'), sizes).map(([unit, times]) => unit.repeat(times)),
);
const email = fc.oneof(
  text,
  fc.tuple(text, text).map(([local, domain]) => `${local}@${domain}`),
  fc
    .tuple(
      text,
      fc.constantFrom('example.com', 'EXAMPLE.com', 'xn--a.example', 'b\u00fccher.example', '[127.0.0.1]', '1.2.3.4', 'localhost'),
    )
    .map((parts) => parts.join('@')),
  fc.constantFrom(
    'a@b@c.example',
    'a@example.com\r\nBcc: b@example.com',
    '"a b"@example.com',
    'a@example.com,b@example.com',
    '<a@example.com>',
    'a@-example.com',
  ),
);
const token = fc.oneof(
  text,
  fc.tuple(base64url(22), base64url(43)).map((parts) => parts.join('.')),
  fc.tuple(base64url(22), fc.nat(), base64url(43)).map((parts) => parts.join('.')),
  base64url(43),
  fc.constantFrom('eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '..', '.'.repeat(200), `${'a'.repeat(64)}.${'a'.repeat(43)}`),
);
const VALUES = {
  name: fc.oneof(fc.constant('Ada'), text),
  email: fc.oneof(fc.constantFrom('ada@example.com', 'bert@example.com'), email),
  password: fc.oneof(fc.constant('long enough, it is'), text),
  newPassword: text,
  token,
};

const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 2 ** 53, -(2 ** 63), 1e308, 5e-324));
const operator = fc
  .constantFrom('$ne', '$gt', '$where', '$regex', '$in', '$exists', '$or')
  .chain((name) => text.map((value) => ({ [name]: value })));
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    ...[text, number, fc.boolean(), fc.constant(null), operator],
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(text, fc.constantFrom(...FIELDS)), tie('value')), { maxLength: 4 })
      .map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;

/** JSON that no serializer would write. */
const oddities = fc.oneof(
  fc
    .tuple(fc.constantFrom('[', '{"a":', '[{"email":'), fc.integer({ min: 1, max: 10_500 }))
    .map(([opening, depth]) => opening.repeat(depth)),
  fc.integer({ min: 1, max: 5_100 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  fc.constantFrom(
    ...[
      '',
      ' ',
      'null',
      '0',
      '-',
      '1e999',
      '-1e999',
      '9007199254740993',
      '"',
      '""',
      '[]',
      '{',
      'undefined',
      '\ufeff{}',
      "{'a':1}",
      '{}{}',
      '{},',
      '"\\ud800"',
    ],
    ...[
      '{"email":"a@example.com","email":"b@example.com","password":"x"}',
      '{"__proto__":{"email":"a@example.com","password":"long enough"}}',
    ],
    ...[
      '{"constructor":{"prototype":{"isAdmin":true}}}',
      '{"email":"a@example.com","password":"long enough","__proto__":null}',
      '{"0":{"email":"a"}}',
    ],
  ),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(Buffer.from('7b22c328227d', 'hex'), Buffer.from('{"email":"a"}', 'utf16le'), Buffer.from([0x22, 0xff, 0x22])),
);

const JSON_TYPE = { 'content-type': 'application/json' };
const headers = fc.oneof(
  { weight: 5, arbitrary: fc.constant<OutgoingHttpHeaders>(JSON_TYPE) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('refresh', 'registration', 'device', '__Host-refresh', ''), token)
      .map(([name, value]): OutgoingHttpHeaders => ({ ...JSON_TYPE, cookie: sendable(`${name}=${value}`) })),
  },
  { weight: 2, arbitrary: token.map((value): OutgoingHttpHeaders => ({ ...JSON_TYPE, authorization: sendable(`Bearer ${value}`) })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<OutgoingHttpHeaders>(
      ...[
        { ...JSON_TYPE, origin: 'null' },
        { ...JSON_TYPE, origin: 'https://evil.example' },
        { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' },
      ],
      ...[
        { ...JSON_TYPE, 'trpc-accept': 'application/jsonl' },
        { ...JSON_TYPE, accept: '*/*;q=x' },
        { ...JSON_TYPE, 'content-encoding': 'gzip' },
      ],
      ...[
        { ...JSON_TYPE, 'x-forwarded-for': '::::, a, 1.2.3.4' },
        { ...JSON_TYPE, 'if-match': '*', range: 'bytes=9-1' },
        { ...JSON_TYPE, expect: 'nonsense' },
      ],
      ...[
        {},
        { 'content-type': 'text/plain' },
        { 'content-type': 'application/json; charset=utf-7' },
        { 'content-type': 'application/x-www-form-urlencoded' },
      ],
    ),
  },
);

const paths = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PROCEDURES).map((name) => `/trpc/auth.${name}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        '//trpc/auth.login',
        '/trpc//auth.login',
        '/trpc/auth.login/',
        '/trpc/auth.login,auth.me?batch=1',
        '/trpc/auth.login,auth.me',
        '/trpc/',
      ],
      ...[
        '/trpc/auth%2elogin',
        '/trpc/%61uth.login',
        '/trpc/%',
        '/trpc/%ff',
        '/trpc/%00',
        '/trpc/auth.login%00',
        '/trpc/../trpc/auth.login',
        '/TRPC/auth.login',
      ],
      ...[
        '/trpc/__proto__',
        '/trpc/constructor',
        '/trpc/auth.__proto__',
        '/trpc/auth.constructor',
        '/trpc/toString',
        '/trpc/auth',
        '/trpc/auth.login.x',
      ],
      ...[
        '/trpc/auth.me?input=%',
        '/trpc/auth.me?input={',
        '/trpc/auth.me?input=%7B%22a%22%3A1%7D',
        '/trpc/auth.registration?batch=1&input={}',
        `/trpc/${'a'.repeat(9_000)}`,
      ],
    ),
  },
  { weight: 1, arbitrary: text.map((value) => `/trpc/auth.me?input=${encodeURIComponent(value.toWellFormed()).slice(0, 8_000)}`) },
);

/** A call that no procedure can take: the wrong shape, type, size or wrapping. */
export const misshapenCall: fc.Arbitrary<HostileCall> = fc.record({
  path: paths,
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('POST') },
    { weight: 2, arbitrary: fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND') },
  ),
  headers,
  body: fc.oneof(
    fc.constant(null),
    json.map((value) => JSON.stringify(value) ?? ''),
    oddities,
  ),
});

/** A call of the right shape, with hostile texts in it. */
export const shapelyCall: fc.Arbitrary<HostileCall> = fc
  .constantFrom(...(Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[]))
  .chain((procedure) =>
    fc.record({
      path: fc.constant(`/trpc/auth.${procedure}`),
      method: fc.constant('POST'),
      headers,
      body: fc
        .record(
          Object.fromEntries(MUTATIONS[procedure].map((field) => [field, VALUES[field]])),
          procedure === 'verifyEmail' ? { requiredKeys: ['token'] } : {},
        )
        .map((input) => JSON.stringify(input)),
    }),
  );

/** What Node's client lets into a header. */
function sendable(value: string): string {
  return value.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '');
}
