import type { z } from 'zod';
import { bucketQuotas, type BucketQuotas } from '#domain/limits.ts';
import { err, ok, type Result } from '#domain/result.ts';
import type { ConfigProblem } from './config-problem.ts';
import { brokenRules, publicUrlOf } from './config-rules.ts';
import { settings, type Settings } from './settings.ts';
import type { MailSender, TrustProxy } from './setting-types.ts';

/** Everything the service can be told, checked and in the form in which it is used. Durations in milliseconds. */
export interface Config {
  readonly production: boolean;
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly publicUrl: string;
    readonly corsOrigins: readonly string[];
    readonly trustProxy: TrustProxy;
  };
  readonly appName: string;
  readonly verifyUrl: string;
  readonly persistence:
    | { readonly kind: 'sqlite'; readonly folder: string }
    | { readonly kind: 'mongo'; readonly uri: string; readonly poolSize: number };
  readonly limiter: { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly url: string; readonly keyPrefix: string };
  readonly mail:
    | { readonly kind: 'catcher'; readonly from: MailSender }
    | { readonly kind: 'smtp'; readonly url: string; readonly requireTls: boolean; readonly from: MailSender };
  readonly keys:
    | { readonly kind: 'files'; readonly folder: string }
    | { readonly kind: 'given'; readonly tokenKeys: string; readonly jwtKeys: string };
  readonly accessTokenTtlMs: number;
  readonly session: { readonly idleMs: number; readonly absoluteMs: number };
  readonly refreshGraceMs: number;
  readonly registration: { readonly ttlMs: number; readonly maxAgeMs: number };
  readonly purgeCron: string;
  readonly passwordMinLength: number;
  readonly argon2: { readonly memoryKib: number; readonly iterations: number };
  readonly verifyProof: 'required' | 'token';
  readonly quotas: BucketQuotas;
  readonly logLevel: z.output<typeof settings>['LOG_LEVEL'];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the whole configuration from an environment. Pure; all problems come together. An empty setting counts as unset. */
export function parseConfig(environment: Environment): Result<Config, readonly ConfigProblem[]> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settings.safeParse(given);
  const fieldProblems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => ({ setting: String(path[0]), problem: message }));

  const problems = [...fieldProblems, ...brokenRules(withDefaults(given))];
  return parsed.success && problems.length === 0 ? ok(toConfig(parsed.data)) : err(problems);
}

/** What could be read; a setting that could not has its default, so that the rules between settings can still be checked. */
function withDefaults(given: Record<string, unknown>): Settings {
  const readable = Object.entries(settings.shape).filter(([name, schema]) => schema.safeParse(given[name]).success);
  return settings.parse(Object.fromEntries(readable.map(([name]) => [name, given[name]])));
}

function toConfig(given: Settings): Config {
  const publicUrl = publicUrlOf(given);
  const catcher = given.SMTP_URL === undefined;
  return {
    production: given.NODE_ENV === 'production',
    http: { host: given.HOST, port: given.PORT, publicUrl, corsOrigins: given.CORS_ORIGINS, trustProxy: given.TRUST_PROXY },
    appName: given.APP_NAME,
    verifyUrl: given.VERIFY_URL ?? `${publicUrl}/verify`,
    persistence:
      given.MONGODB_URI === undefined
        ? { kind: 'sqlite', folder: given.DATA_DIR }
        : { kind: 'mongo', uri: given.MONGODB_URI, poolSize: given.MONGODB_POOL_SIZE },
    limiter:
      given.REDIS_URL === undefined ? { kind: 'memory' } : { kind: 'redis', url: given.REDIS_URL, keyPrefix: given.REDIS_KEY_PREFIX },
    mail: mailOf(given),
    keys:
      given.TOKEN_KEYS === undefined || given.JWT_KEYS === undefined
        ? { kind: 'files', folder: `${given.DATA_DIR}/keys` }
        : { kind: 'given', tokenKeys: given.TOKEN_KEYS, jwtKeys: given.JWT_KEYS },
    accessTokenTtlMs: given.ACCESS_TOKEN_TTL,
    session: { idleMs: given.REFRESH_IDLE_TTL, absoluteMs: given.REFRESH_ABSOLUTE_TTL },
    refreshGraceMs: given.REFRESH_GRACE,
    registration: { ttlMs: given.REGISTRATION_TTL, maxAgeMs: given.REGISTRATION_MAX_AGE },
    purgeCron: given.PURGE_CRON,
    passwordMinLength: given.PASSWORD_MIN_LENGTH,
    argon2: { memoryKib: given.ARGON2_MEMORY_KIB, iterations: given.ARGON2_ITERATIONS },
    verifyProof: given.VERIFY_PROOF,
    quotas: quotasOf(given, catcher),
    logLevel: given.LOG_LEVEL,
  };
}

function mailOf(given: Settings): Config['mail'] {
  const from = given.MAIL_FROM ?? { name: given.APP_NAME, address: 'no-reply@sallyport.localhost' };
  if (given.SMTP_URL === undefined) return { kind: 'catcher', from };
  return { kind: 'smtp', url: given.SMTP_URL, requireTls: given.SMTP_REQUIRE_TLS, from };
}

function quotasOf(given: Settings, catcher: boolean): BucketQuotas {
  const mailCap = given.LIMIT_MAIL_PER_ADDRESS;
  return bucketQuotas({
    global: given.LIMIT_GLOBAL,
    register: given.LIMIT_REGISTER,
    login: given.LIMIT_LOGIN,
    loginAddress: given.LIMIT_LOGIN_ADDRESS,
    loginDevice: given.LIMIT_LOGIN_DEVICE,
    confirm: given.LIMIT_CONFIRM,
    resend: given.LIMIT_RESEND,
    session: given.LIMIT_SESSION,
    mailPerAddress: mailCap !== undefined ? mailCap : catcher ? null : DEFAULT_MAIL_CAP,
  });
}

const DEFAULT_MAIL_CAP = { points: 20, windowMs: 86_400_000 };
