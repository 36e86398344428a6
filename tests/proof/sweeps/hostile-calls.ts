import type { OutgoingHttpHeaders } from 'node:http';
import fc from 'fast-check';
import { email, json, oddities, text, token } from './hostile-texts.ts';

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

const VALUES = {
  name: fc.oneof(fc.constant('Ada'), text),
  email: fc.oneof(fc.constantFrom('ada@example.com', 'bert@example.com'), email),
  password: fc.oneof(fc.constant('long enough, it is'), text),
  newPassword: text,
  token,
};

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
