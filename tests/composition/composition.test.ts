import type { ServiceIdentifier } from 'inversify';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startRedis } from '../support/redis-setup.ts';
import { endAllServices, freePort, temporaryFolder } from '../support/service.ts';
import { databaseOn } from '../support/test-mongo.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { createLogger } from '#adapters/outbound/system/logger.ts';
import { type Environment, parseConfig } from '#composition/config.ts';
import { openSallyport } from '#composition/sallyport.ts';
import { tokens } from '#composition/tokens.ts';

const logger = createLogger({ level: 'silent' });
afterEach(endAllServices);

async function openWith(environment: Environment) {
  const config = parseConfig({ PORT: String(await freePort()), DATA_DIR: await temporaryFolder(), ...environment });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return openSallyport(config.value, { logger });
}

async function everyTokenResolves(environment: Environment): Promise<void> {
  const sallyport = await openWith(environment);
  try {
    for (const [name, token] of Object.entries(tokens)) {
      expect(sallyport.container.get<object>(token as ServiceIdentifier<object>), name).toBeTypeOf('object');
    }
  } finally {
    await sallyport.close();
  }
}

describe('every token resolves', () => {
  it('embedded', () => everyTokenResolves({}));

  it('with a mail server', () =>
    everyTokenResolves({ SMTP_URL: 'smtp://127.0.0.1:1', SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'a@example.com' }));

  it.skipIf(inject('redisUrl') === null)('with Redis', () => everyTokenResolves({ REDIS_URL: inject('redisUrl') ?? '' }));

  it.skipIf(inject('mongoUri') === null)('with MongoDB', async () => {
    const { tokenKeys, jwtKeys } = await generateKeys();
    await everyTokenResolves({ MONGODB_URI: databaseOn(inject('mongoUri')), TOKEN_KEYS: tokenKeys, JWT_KEYS: jwtKeys });
  });
});

it.skipIf(inject('redisUrl') === null)('opens and closes with a Redis that comes and goes', async () => {
  const server = await startRedis();
  const sallyport = await openWith({ REDIS_URL: server?.url });
  await server?.stop();
  await sallyport.close();
  await sallyport.close();
});
