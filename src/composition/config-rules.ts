import { getDomain } from 'tldts';
import { argon2ParameterProblem } from '#adapters/outbound/crypto/argon2-parameters.ts';
import { parseSmtpUrl } from '#adapters/outbound/smtp/smtp-server-url.ts';
import type { ConfigProblem } from './config-problem.ts';
import { findKeyProblems } from './key-problems.ts';
import type { Settings } from './settings.ts';

/** The rules between settings, each with what to do. */
export function brokenRules(given: Settings): ConfigProblem[] {
  return [
    ...originProblems(given),
    ...mailProblems(given),
    ...lifetimeProblems(given),
    ...redisProblems(given),
    ...productionProblems(given),
    ...keyProblems(given),
  ];
}

function originProblems(given: Settings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const own = publicUrlOf(given);
  for (const origin of given.CORS_ORIGINS) {
    if (!isSameSite(origin, own)) {
      problems.push({
        setting: 'CORS_ORIGINS',
        problem:
          'must be same-site with PUBLIC_URL (same scheme and registrable domain): browsers send the SameSite=Strict cookies to no other',
      });
    }
  }
  const verifyOrigin = given.VERIFY_URL === undefined ? own : new URL(given.VERIFY_URL).origin;
  if (verifyOrigin !== own && !given.CORS_ORIGINS.includes(verifyOrigin)) {
    problems.push({ setting: 'VERIFY_URL', problem: "must be on PUBLIC_URL's origin or on one of CORS_ORIGINS" });
  }
  return problems;
}

function mailProblems(given: Settings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (given.SMTP_URL === undefined && !isEmbeddable(given)) {
    problems.push({
      setting: 'SMTP_URL',
      problem: 'is required: the embedded mail catcher runs only while HOST and PUBLIC_URL are loopback',
    });
  }
  if (given.SMTP_URL !== undefined && parseSmtpUrl(given.SMTP_URL) === null) {
    problems.push({ setting: 'SMTP_URL', problem: 'must be smtp:// or smtps://, then user:password@ if there is a login, host and port' });
  }
  if (given.SMTP_URL !== undefined && given.MAIL_FROM === undefined) {
    problems.push({ setting: 'MAIL_FROM', problem: 'is required with SMTP_URL: the address that the mails come from' });
  }
  return problems;
}

function lifetimeProblems(given: Settings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (given.REFRESH_IDLE_TTL > given.REFRESH_ABSOLUTE_TTL) {
    problems.push({ setting: 'REFRESH_IDLE_TTL', problem: 'must not be longer than REFRESH_ABSOLUTE_TTL' });
  }
  if (given.REGISTRATION_TTL > given.REGISTRATION_MAX_AGE) {
    problems.push({ setting: 'REGISTRATION_TTL', problem: 'must not be longer than REGISTRATION_MAX_AGE' });
  }
  const weak = argon2ParameterProblem({ memoryKib: given.ARGON2_MEMORY_KIB, iterations: given.ARGON2_ITERATIONS });
  return weak === null ? problems : [...problems, { setting: 'ARGON2_MEMORY_KIB', problem: weak }];
}

/** The driver takes TLS from the scheme alone, so an option that says otherwise would be a lie that sends the password in the clear. */
function redisProblems(given: Settings): ConfigProblem[] {
  if (given.REDIS_URL === undefined) return [];
  const url = URL.canParse(given.REDIS_URL) ? new URL(given.REDIS_URL) : null;
  const contradicts = url?.searchParams.has('ssl') || (url?.searchParams.get('tls') ?? 'false') !== 'false';
  if (url !== null && !contradicts) return [];
  return [{ setting: 'REDIS_URL', problem: 'must be redis://[:password@]host[:port], or rediss:// for TLS, which no option turns on' }];
}

function productionProblems(given: Settings): ConfigProblem[] {
  if (given.NODE_ENV !== 'production') return [];
  const problems: ConfigProblem[] = [];
  if (!publicUrlOf(given).startsWith('https:')) problems.push({ setting: 'PUBLIC_URL', problem: 'must be https in production' });
  if (given.SMTP_URL === undefined) problems.push({ setting: 'SMTP_URL', problem: 'is required in production' });
  if (given.MONGODB_URI !== undefined && !mongoSaysTls(given.MONGODB_URI)) {
    problems.push({ setting: 'MONGODB_URI', problem: 'must say tls=true in production, or tls=false if the network is yours alone' });
  }
  if (given.MONGODB_URI !== undefined && /[?&]tls(Insecure|AllowInvalid\w*)=true/i.test(given.MONGODB_URI)) {
    problems.push({ setting: 'MONGODB_URI', problem: 'must not switch the check of certificates off in production' });
  }
  if (given.REDIS_URL !== undefined && !redisSaysTls(given.REDIS_URL)) {
    problems.push({ setting: 'REDIS_URL', problem: 'must be rediss:// in production, or say ?tls=false if the network is yours alone' });
  }
  return problems;
}

function keyProblems(given: Settings): ConfigProblem[] {
  const required = given.NODE_ENV === 'production' || given.MONGODB_URI !== undefined;
  return findKeyProblems({ tokenKeys: given.TOKEN_KEYS, jwtKeys: given.JWT_KEYS, required });
}

export function publicUrlOf(given: Settings): string {
  return given.PUBLIC_URL ?? `http://localhost:${given.PORT}`;
}

/** The catcher shows every mail to whoever asks, so it must be out of everybody else's reach. */
function isEmbeddable(given: Settings): boolean {
  return isLoopback(given.HOST) && isLoopback(new URL(publicUrlOf(given)).hostname);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** As browsers see it: the scheme and the registrable domain. */
function isSameSite(a: string, b: string): boolean {
  const [left, right] = [new URL(a), new URL(b)];
  const site = ({ hostname }: URL) => getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
  return left.protocol === right.protocol && site(left) === site(right);
}

function mongoSaysTls(address: string): boolean {
  return address.startsWith('mongodb+srv:') || /[?&](tls|ssl)=(true|false)(&|$)/.test(address);
}

function redisSaysTls(address: string): boolean {
  return address.startsWith('rediss:') || /[?&]tls=false(&|$)/.test(address);
}
