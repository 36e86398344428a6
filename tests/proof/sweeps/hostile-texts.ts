import fc from 'fast-check';
import { anyText } from '../../support/any-text.ts';

/** What a body may be at most, in bytes. */
export const BODY_LIMIT = 10 * 1024;

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

const base64url = (length: number) => fc.string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: length, maxLength: length });
const sizes = fc.constantFrom(1, 100, 400, 401, 512, 513, 1_024, 1_025, BODY_LIMIT - 100, BODY_LIMIT, BODY_LIMIT + 1, 100_000);

/** Texts that have broken parsers, databases, mail servers and logs. */
export const text = fc.oneof(
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
/** What could be taken for an address. */
export const email = fc.oneof(
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
/** What could be taken for a token of any kind. */
export const token = fc.oneof(
  text,
  fc.tuple(base64url(22), base64url(43)).map((parts) => parts.join('.')),
  fc.tuple(base64url(22), fc.nat(), base64url(43)).map((parts) => parts.join('.')),
  base64url(43),
  fc.constantFrom('eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '..', '.'.repeat(200), `${'a'.repeat(64)}.${'a'.repeat(43)}`),
);

const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 2 ** 53, -(2 ** 63), 1e308, 5e-324));
const operator = fc
  .constantFrom('$ne', '$gt', '$where', '$regex', '$in', '$exists', '$or')
  .chain((name) => text.map((value) => ({ [name]: value })));
/** Any JSON, with what MongoDB would take for an operator. */
export const json = fc.letrec<{ value: unknown }>((tie) => ({
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
export const oddities = fc.oneof(
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
