import { afterAll, describe, expect, inject, it } from 'vitest';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { record, type Row } from '../record.ts';
import { openScriptedSmtp, type ScriptedSmtp } from '../../support/scripted-smtp.ts';
import { endAllServices, eventually, type RunningService, startService } from '../../support/service.ts';
import { openField, rigged } from '../faults/field.ts';
import { Canaries } from './canaries.ts';
import { walkWithCanaries } from './canary-walk.ts';
import { provoke } from './provocations.ts';
import { talkative } from './talkative-post.ts';

const rows: Row[] = [];
afterAll(async () => {
  await endAllServices();
  await record('what is logged', rows);
});

/** The limiter out of the way, but for guesses at an address. Everything that can be logged is. */
const settings = {
  LOG_LEVEL: 'trace',
  REFRESH_GRACE: '1s',
  LIMIT_GLOBAL: '1000000/15m',
  LIMIT_REGISTER: '1000000/15m',
  LIMIT_LOGIN: '1000000/15m',
  LIMIT_LOGIN_ADDRESS: '10/15m',
  LIMIT_CONFIRM: '1000000/15m',
  LIMIT_SESSION: '1000000/15m',
  LIMIT_RESEND: '1000000/1h',
};
const mailSettings = ({ url }: ScriptedSmtp) => ({ SMTP_URL: url, SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'no-reply@example.com' });

const EVENTS = [
  ...['registration_created', 'registration_disowned', 'user_created', 'authn_login_success', 'authn_login_fail', 'authn_confirm_fail'],
  ...['authn_token_reuse', 'authn_token_revoked', 'excess_rate_limit_exceeded', 'input_validation_fail', 'malicious_csrf'],
];
const REFUSALS = [
  ...['invalid-input', 'weak-password', 'invalid-or-expired-token', 'invalid-credentials', 'invalid-refresh-token', 'unauthenticated'],
  ...['email-not-verified', 'proof-required', 'forbidden-origin', 'already-verified', 'account-exists', 'too-many-requests'],
];

describe('one process', () => {
  it('logs no secret and no whole address, whatever is sent, refused, undeliverable or broken', async () => {
    const canaries = new Canaries();
    const pass = canaries.release('password of the mail server');
    const smtp = await openScriptedSmtp({ auth: { user: 'door', pass }, script: talkative });
    const redis = `redis://:${canaries.release('password of Redis')}@127.0.0.1:9`;
    const env = { ...settings, ...mailSettings(smtp), REDIS_URL: redis, ...(await guardedKeys(canaries)) };

    const service = await startService({ env });
    const reasons = new Set([...(await walkWithCanaries(service.url, smtp, canaries)), ...(await provoke(service.url, canaries))]);
    // Hung up on, it comes again, and is not let in.
    smtp.follow({ MAIL: 'drop', AUTH: (line) => `535 5.7.8 not with ${line}` });
    await Promise.all([smtp.reached('AUTH'), provoke(service.url, canaries)]);
    await service.stop();
    smtp.follow({});

    const broken = await startService({
      entry: rigged,
      folder: service.folder,
      env: { ...env, UV_THREADPOOL_SIZE: '4', RIG: JSON.stringify({ breakIn: ['users', 'sessions', 'hasher', 'transport'] }) },
    });
    expect(await provoke(broken.url, canaries)).toContain('internal');
    await broken.stop();
    await smtp.close();

    expect([...reasons]).toEqual(expect.arrayContaining(REFUSALS));
    expectQuiet('one process', canaries, [service, broken]);
    expectEvents(service.output());
    expect(broken.output()).toContain('A request failed.');
  });

  it('says which settings are wrong, never what they are', async () => {
    const canaries = new Canaries();
    const names = [
      'PORT',
      'PUBLIC_URL',
      'CORS_ORIGINS',
      'MONGODB_URI',
      'REDIS_URL',
      'SMTP_URL',
      'MAIL_FROM',
      'TOKEN_KEYS',
      'JWT_KEYS',
      'LIMIT_LOGIN',
    ];
    const env = Object.fromEntries(names.map((name) => [name, `:${canaries.release(name)}@`]));
    const service = await startService({ eager: true, env });
    expect(await service.exited).not.toBe(0);
    for (const name of names) expect(service.output()).toContain(name);
    expect(canaries.heardIn(service.output())).toEqual([]);
  });
});

describe.skipIf(inject('mongoUri') === null || inject('redisUrl') === null)('MongoDB, Redis and SMTP', () => {
  it('log no secret and no whole address while they are there, frozen, gone and refusing', async () => {
    const canaries = new Canaries();
    const field = await openField({ ...settings, ...(await guardedKeys(canaries)) });
    field.smtp.follow(talkative);
    const [url] = field.urls;
    const services = [field.service(0), field.service(1)];
    const reasons = new Set([...(await walkWithCanaries(url, field.smtp, canaries)), ...(await provoke(url, canaries))]);

    field.mongo.freeze();
    expect(await provoke(url, canaries)).toContain('unavailable');
    field.mongo.thaw();
    await field.mongo.wire.become('refuse');
    expect(await provoke(url, canaries)).toContain('unavailable');
    await field.mongo.wire.become('pass');
    await field.redis.kill();
    await field.smtp.wire.become('refuse');
    await eventually(
      () => field.health('limiter'),
      ([state]) => state === 'degraded',
    );
    await eventually(
      () => field.health('persistence'),
      ([state]) => state === 'ok',
    );
    await provoke(url, canaries);
    await eventually(
      () => field.health('mail'),
      ([state]) => state === 'degraded',
    );
    await field.close();

    expect([...reasons]).toEqual(expect.arrayContaining(REFUSALS));
    expectQuiet('MongoDB, Redis and SMTP', canaries, services);
    expectEvents(services.map((service) => service.output()).join(''));
  });

  it('keep the passwords of their addresses to themselves when they cannot be reached', async () => {
    const canaries = new Canaries();
    const login = (name: string) => `door:${canaries.release(`password of ${name}`)}@127.0.0.1:9`;
    const env = {
      ...settings,
      ...(await guardedKeys(canaries)),
      MONGODB_URI: `mongodb://${login('MongoDB')}/door`,
      REDIS_URL: `redis://${login('Redis')}`,
      SMTP_URL: `smtp://${login('SMTP')}`,
      MAIL_FROM: 'no-reply@example.com',
    };
    const service = await startService({ eager: true, env });
    await eventually(
      () => Promise.resolve(service.output()),
      (text) => text.includes('Waiting for MongoDB'),
    );
    await service.stop();
    expect(canaries.heardIn(service.output())).toEqual([]);
  });
});

async function guardedKeys(canaries: Canaries): Promise<Record<string, string>> {
  const { tokenKeys, jwtKeys } = await generateKeys();
  canaries.guard('TOKEN_KEYS', tokenKeys.split(':')[1] ?? '');
  const { keys } = JSON.parse(Buffer.from(jwtKeys, 'base64url').toString()) as { keys: { d: string }[] };
  for (const { d } of keys) canaries.guard('JWT_KEYS', d);
  return { TOKEN_KEYS: tokenKeys, JWT_KEYS: jwtKeys };
}

function expectQuiet(where: string, canaries: Canaries, services: readonly RunningService[]): void {
  const output = services.map((service) => service.output()).join('\n');
  rows.push({ where, canaries: canaries.size, 'lines logged': output.split('\n').length });
  expect(canaries.heardIn(output)).toEqual([]);
  // Nor any other address than a masked one.
  expect(output.match(/[^\s"]+(?<!\*\*\*)@example\.com/g) ?? []).toEqual([]);
}

function expectEvents(output: string): void {
  const owed = [...EVENTS.map((event) => `"event":"${event}"`), '"email":"c***@example.com"'];
  expect(owed.filter((text) => !output.includes(text))).toEqual([]);
}
