import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateKeys, type KeyTexts } from '#adapters/outbound/crypto/generate-keys.ts';
import { type Config, type Environment, parseConfig } from '#composition/config.ts';
import { settings } from '#composition/settings.ts';

let keys: KeyTexts;
let production: Environment;

beforeAll(async () => {
  keys = await generateKeys();
  production = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://auth.example.com',
    TOKEN_KEYS: keys.tokenKeys,
    JWT_KEYS: keys.jwtKeys,
    SMTP_URL: 'smtp://user:canary-password@smtp.example.com:587',
    MAIL_FROM: 'Example <no-reply@example.com>',
  };
});

function configOf(environment: Environment): Config {
  const parsed = parseConfig(environment);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function refusedBy(environment: Environment): string[] {
  const parsed = parseConfig(environment);
  return parsed.ok ? [] : parsed.error.map(({ setting }) => setting);
}

describe('an empty environment', () => {
  it('runs embedded: SQLite, limits in process, the catcher, keys of its own, no mail cap', () => {
    expect(configOf({})).toMatchObject({
      production: false,
      http: { host: '127.0.0.1', port: 3000, publicUrl: 'http://localhost:3000', corsOrigins: [], trustProxy: false },
      verifyUrl: 'http://localhost:3000/verify',
      persistence: { kind: 'sqlite', folder: './data' },
      limiter: { kind: 'memory' },
      mail: { kind: 'catcher' },
      keys: { kind: 'files', folder: './data/keys' },
      quotas: { 'mail-address': null, 'login-address': { points: 10, windowMs: 900_000 } },
    });
  });

  it('is what empty settings mean, too', () => {
    expect(configOf({ MONGODB_URI: '', REDIS_URL: '', SMTP_URL: '', CORS_ORIGINS: '' })).toEqual(configOf({}));
  });
});

describe('a whole production environment', () => {
  it('is taken: real mail with its cap, given keys', () => {
    expect(configOf(production)).toMatchObject({
      production: true,
      mail: { kind: 'smtp', requireTls: true, from: { name: 'Example', address: 'no-reply@example.com' } },
      keys: { kind: 'given' },
      quotas: { 'mail-address': { points: 20, windowMs: 86_400_000 }, 'mail-address-network': { points: 6 } },
    });
    expect(
      refusedBy({ ...production, MONGODB_URI: 'mongodb://db.example.com/door?tls=true', REDIS_URL: 'rediss://redis.example.com' }),
    ).toEqual([]);
    expect(
      refusedBy({ ...production, MONGODB_URI: 'mongodb://127.0.0.1/door?tls=false', REDIS_URL: 'redis://127.0.0.1/?tls=false' }),
    ).toEqual([]);
  });

  const other = { ...{ TOKEN_KEYS: undefined } };
  it.each<[string, Environment, string[]]>([
    ['no keys', { ...other, JWT_KEYS: undefined }, ['TOKEN_KEYS', 'JWT_KEYS']],
    ['one kind of key', other, ['TOKEN_KEYS']],
    ['a short key', { TOKEN_KEYS: 'k1:c2hvcnQ' }, ['TOKEN_KEYS']],
    ['a known-default key', { TOKEN_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64url')}` }, ['TOKEN_KEYS']],
    ['keys that are no JWK set', { JWT_KEYS: 'e30' }, ['JWT_KEYS']],
    ['plain http', { PUBLIC_URL: 'http://auth.example.com' }, ['PUBLIC_URL']],
    ['no mail server', { SMTP_URL: undefined, MAIL_FROM: undefined }, ['SMTP_URL']],
    ['a loopback address and no mail server', { SMTP_URL: undefined, PUBLIC_URL: 'https://localhost' }, ['SMTP_URL']],
    ['nobody the mail is from', { MAIL_FROM: undefined }, ['MAIL_FROM']],
    ['trust in every proxy', { TRUST_PROXY: 'true' }, ['TRUST_PROXY']],
    ['trust in half the world', { TRUST_PROXY: '0.0.0.0/1' }, ['TRUST_PROXY']],
    ['a proxy network longer than its address', { TRUST_PROXY: '10.0.0.0/64' }, ['TRUST_PROXY']],
    ['MongoDB in the clear', { MONGODB_URI: 'mongodb://db.example.com/door' }, ['MONGODB_URI']],
    ['Redis in the clear', { REDIS_URL: 'redis://redis.example.com' }, ['REDIS_URL']],
    [
      'MongoDB without a look at its certificate',
      { MONGODB_URI: 'mongodb://db.example.com/door?tls=true&tlsAllowInvalidCertificates=true' },
      ['MONGODB_URI'],
    ],
    ['Redis in the clear that says it is not', { REDIS_URL: 'redis://redis.example.com?tls=true' }, ['REDIS_URL']],
    ['weak hashes', { ARGON2_MEMORY_KIB: '8' }, ['ARGON2_MEMORY_KIB']],
  ])('refuses %s', (_, change, refused) => {
    const names = refusedBy({ ...production, ...change });
    expect([...new Set(names)]).toEqual(refused);
  });

  it('refuses one secret for two purposes', () => {
    const { keys: jwks } = JSON.parse(Buffer.from(keys.jwtKeys, 'base64url').toString()) as { keys: { d: string }[] };
    expect(refusedBy({ ...production, TOKEN_KEYS: `k1:${jwks[0]?.d}` })).toEqual(['TOKEN_KEYS']);
  });
});

describe('any environment', () => {
  it.each<[string, Environment, string]>([
    ['a port that is none', { PORT: '70000' }, 'PORT'],
    ['a path in PUBLIC_URL', { PUBLIC_URL: 'http://localhost:3000/door' }, 'PUBLIC_URL'],
    ['the catcher beyond loopback', { HOST: '0.0.0.0' }, 'SMTP_URL'],
    ['the catcher under a public name', { PUBLIC_URL: 'http://door.example.com' }, 'SMTP_URL'],
    ['a frontend on another site', { CORS_ORIGINS: 'http://app.example.org' }, 'CORS_ORIGINS'],
    [
      'a frontend on a sibling of a public suffix',
      { PUBLIC_URL: 'http://a.github.io', CORS_ORIGINS: 'http://b.github.io' },
      'CORS_ORIGINS',
    ],
    ['a page on a foreign origin', { VERIFY_URL: 'http://elsewhere.example/verify' }, 'VERIFY_URL'],
    ['MongoDB without keys', { MONGODB_URI: 'mongodb://127.0.0.1/door' }, 'TOKEN_KEYS'],
    ['a database of another kind', { MONGODB_URI: 'postgres://127.0.0.1/door' }, 'MONGODB_URI'],
    ['a Redis address with an option that turns nothing on', { REDIS_URL: 'redis://127.0.0.1?ssl=true' }, 'REDIS_URL'],
    ['a Redis address that is none', { REDIS_URL: 'redis://:p@@:x:6379' }, 'REDIS_URL'],
    ['a duration without a unit', { ACCESS_TOKEN_TTL: '15' }, 'ACCESS_TOKEN_TTL'],
    ['an access token for longer than 15m', { ACCESS_TOKEN_TTL: '16m' }, 'ACCESS_TOKEN_TTL'],
    ['a link for longer than a day', { REGISTRATION_MAX_AGE: '25h' }, 'REGISTRATION_MAX_AGE'],
    ['a clock longer than its registration', { REGISTRATION_TTL: '2h', REGISTRATION_MAX_AGE: '1h' }, 'REGISTRATION_TTL'],
    ['an idle limit beyond the absolute one', { REFRESH_IDLE_TTL: '31d' }, 'REFRESH_IDLE_TTL'],
    ['a limit that is none', { LIMIT_LOGIN: '10 per minute' }, 'LIMIT_LOGIN'],
    ['a limit that is off where it must not be', { LIMIT_LOGIN: 'off' }, 'LIMIT_LOGIN'],
    ['a schedule that never comes', { PURGE_CRON: '0 0 31 2 *' }, 'PURGE_CRON'],
    ['a schedule that is none', { PURGE_CRON: 'often' }, 'PURGE_CRON'],
    ['short passwords', { PASSWORD_MIN_LENGTH: '6' }, 'PASSWORD_MIN_LENGTH'],
    ['a mail server with options in its address', { SMTP_URL: 'smtp://127.0.0.1:25?tls=false', MAIL_FROM: 'a@example.com' }, 'SMTP_URL'],
    ['a sender with a line break', { MAIL_FROM: 'a@example.com\r\nBcc: b@example.com' }, 'MAIL_FROM'],
  ])('refuses %s', (_, environment, setting) => {
    expect(refusedBy(environment)).toContain(setting);
  });

  it('takes a frontend on a sibling of the same site, and any port of the same host', () => {
    const https = { ...production, CORS_ORIGINS: 'https://app.example.com,https://admin.example.com' };
    expect(configOf(https).http.corsOrigins).toEqual(['https://app.example.com', 'https://admin.example.com']);
    expect(refusedBy({ CORS_ORIGINS: 'http://localhost:5173' })).toEqual([]);
  });

  it.each<[string, Config['http']['trustProxy']]>([
    ['false', false],
    ['1', 1],
    ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
  ])('reads TRUST_PROXY=%s', (text, value) => {
    expect(configOf({ TRUST_PROXY: text }).http.trustProxy).toEqual(value);
  });

  it('reports all problems together, by name and never by value', () => {
    const parsed = parseConfig({
      ...production,
      PORT: 'canary-port',
      MONGODB_URI: 'mongodb://user:canary-password@db.example.com/door',
      TOKEN_KEYS: 'canary-key',
      PUBLIC_URL: 'http://canary.example.com',
    });
    expect(parsed.ok).toBe(false);
    const report = parsed.ok ? '' : JSON.stringify(parsed.error);
    for (const setting of ['PORT', 'MONGODB_URI', 'TOKEN_KEYS', 'PUBLIC_URL']) expect(report).toContain(setting);
    expect(report).not.toContain('canary');
  });
});

describe('.env.example', () => {
  const text = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8');
  const named = new Map([...text.matchAll(/^# ([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']));

  it('names every setting, and no other', () => {
    expect([...named.keys()].sort()).toEqual(Object.keys(settings.shape).sort());
  });

  it('changes nothing when copied as it is', () => {
    expect(parseEnv(text)).toEqual({});
  });

  it('shows the defaults, and examples that are taken', () => {
    const optional = [
      'PUBLIC_URL',
      'VERIFY_URL',
      'CORS_ORIGINS',
      'MONGODB_URI',
      'REDIS_URL',
      'SMTP_URL',
      'MAIL_FROM',
      'TOKEN_KEYS',
      'JWT_KEYS',
    ];
    const defaults = Object.fromEntries([...named].filter(([name]) => !optional.includes(name)));
    expect(configOf({ ...defaults, LIMIT_MAIL_PER_ADDRESS: '' })).toEqual(configOf({}));
    expect(refusedBy({ ...Object.fromEntries(named), TOKEN_KEYS: keys.tokenKeys, JWT_KEYS: keys.jwtKeys })).toEqual([]);
  });
});
