import { Cron } from 'croner';
import { z } from 'zod';
import { connectionUrl, duration, flag, mailSender, origin, originList, pageUrl, quota, trustProxy, wholeNumber } from './setting-types.ts';

const cron = z.string().refine(isCron, { error: 'must be a cron pattern of five or six fields, like */5 * * * *' });

/** Every setting there is, by its name in the environment. `.env.example` says what each is for. */
export const settings = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production'], { error: 'must be development, test or production' }).default('development'),
  PORT: wholeNumber({ min: 1, max: 65_535 }).prefault('3000'),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: origin.optional(),
  APP_NAME: z
    .string()
    .max(60)
    .regex(/^[^\p{Cc}<>]+$/u, { error: 'must be a plain name' })
    .default('Sallyport'),
  VERIFY_URL: pageUrl.optional(),
  CORS_ORIGINS: originList.default([]),
  TRUST_PROXY: trustProxy.default(false),
  DATA_DIR: z.string().default('./data'),

  MONGODB_URI: connectionUrl(['mongodb', 'mongodb+srv']).optional(),
  MONGODB_POOL_SIZE: wholeNumber({ min: 1, max: 500 }).prefault('20'),
  REDIS_URL: connectionUrl(['redis', 'rediss']).optional(),
  REDIS_KEY_PREFIX: z.string().max(60).default('sallyport:'),
  SMTP_URL: connectionUrl(['smtp', 'smtps']).optional(),
  SMTP_REQUIRE_TLS: flag.default(true),
  MAIL_FROM: mailSender.optional(),

  TOKEN_KEYS: z.string().optional(),
  JWT_KEYS: z.string().optional(),
  ACCESS_TOKEN_TTL: duration({ min: '5s', max: '15m' }).prefault('15m'),
  REFRESH_IDLE_TTL: duration({ min: '1m', max: '90d' }).prefault('7d'),
  REFRESH_ABSOLUTE_TTL: duration({ min: '1m', max: '400d' }).prefault('30d'),
  REFRESH_GRACE: duration({ min: '1s', max: '10m' }).prefault('60s'),
  REGISTRATION_TTL: duration({ min: '1s', max: '24h' }).prefault('30m'),
  REGISTRATION_MAX_AGE: duration({ min: '1s', max: '24h' }).prefault('24h'),
  PURGE_CRON: cron.default('*/5 * * * *'),

  PASSWORD_MIN_LENGTH: wholeNumber({ min: 8, max: 64 }).prefault('8'),
  ARGON2_MEMORY_KIB: wholeNumber({ min: 1, max: 1_048_576 }).prefault('19456'),
  ARGON2_ITERATIONS: wholeNumber({ min: 1, max: 20 }).prefault('2'),
  VERIFY_PROOF: z.enum(['required', 'token'], { error: 'must be required or token' }).default('required'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'must be a pino level, like info' })
    .default('info'),

  LIMIT_GLOBAL: quota.prefault('300/15m'),
  LIMIT_REGISTER: quota.prefault('30/15m'),
  LIMIT_LOGIN: quota.prefault('50/15m'),
  LIMIT_LOGIN_ADDRESS: quota.prefault('10/15m'),
  LIMIT_LOGIN_DEVICE: quota.prefault('10/15m'),
  LIMIT_CONFIRM: quota.prefault('60/15m'),
  LIMIT_RESEND: quota.prefault('3/1h'),
  LIMIT_SESSION: quota.prefault('600/15m'),
  LIMIT_MAIL_PER_ADDRESS: z
    .literal('off')
    .transform(() => null)
    .or(quota)
    .optional(),
});

export type Settings = z.output<typeof settings>;

function isCron(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true, timezone: 'UTC' }).nextRun() !== null;
  } catch {
    return false;
  }
}
