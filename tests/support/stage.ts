import { openMailCatcher } from '#adapters/outbound/smtp/mail-catcher.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { type CaughtMail, inboxOf } from './inbox.ts';
import { freePort, type RunningService, startService } from './service.ts';

/** A whole deployment to walk through: one process with nothing around it, or two beside MongoDB, Redis and a mail server. */
export interface Stage {
  /** Of each instance. Cookies don't know ports, so one browser may talk to both. */
  readonly urls: readonly [string, ...string[]];
  readonly services: readonly RunningService[];
  /** Newest first. */
  mails(): Promise<CaughtMail[]>;
  close(): Promise<void>;
}

export async function embeddedStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const service = await startService({ env });
  return {
    urls: [service.url],
    services: [service],
    mails: () => inboxOf(service.url),
    close: async () => {
      await service.stop();
    },
  };
}

export async function distributedStage(
  { mongoUri, redisUrl }: { mongoUri: string; redisUrl: string },
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const catcher = await openMailCatcher({ now: () => new Date() });
  const [first, second] = [await freePort(), await freePort()];
  const { tokenKeys, jwtKeys } = await generateKeys();
  const shared = {
    MONGODB_URI: mongoUri,
    REDIS_URL: redisUrl,
    REDIS_KEY_PREFIX: `stage-${first}:`,
    SMTP_URL: catcher.smtpUrl,
    SMTP_REQUIRE_TLS: 'false',
    MAIL_FROM: 'Example <no-reply@example.com>',
    TOKEN_KEYS: tokenKeys,
    JWT_KEYS: jwtKeys,
    // One public address for both, as behind a balancer; each is reached by its own port here.
    PUBLIC_URL: `http://localhost:${first}`,
    CORS_ORIGINS: `http://localhost:${second}`,
    LIMIT_MAIL_PER_ADDRESS: 'off',
    ...env,
  };
  const services = [await startService({ env: shared, port: first }), await startService({ env: shared, port: second })];
  return {
    urls: [`http://localhost:${first}`, `http://localhost:${second}`],
    services,
    mails: async () => catcher.list().map((mail) => ({ ...mail, receivedAt: new Date(mail.receivedAt).toISOString() })),
    close: async () => {
      await Promise.all(services.map((service) => service.stop()));
      await catcher.close();
    },
  };
}
