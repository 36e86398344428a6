import { availableParallelism } from 'node:os';
import { ContainerModule } from 'inversify';
import type { Logger } from 'pino';
import { openArgon2PasswordHasher } from '#adapters/outbound/crypto/argon2-password-hasher.ts';
import { CommonPasswordBlocklist } from '#adapters/outbound/crypto/common-password-blocklist.ts';
import { gateSize, HashGate } from '#adapters/outbound/crypto/hash-gate.ts';
import { HmacTokenMint } from '#adapters/outbound/crypto/hmac-token-mint.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys, type JwtKeys } from '#adapters/outbound/crypto/jwt-keys.ts';
import { loadOrCreateKeys } from '#adapters/outbound/crypto/key-files.ts';
import { parseTokenKeys, type TokenKeys } from '#adapters/outbound/crypto/token-keys.ts';
import { PinoSecurityLog } from '#adapters/outbound/system/pino-security-log.ts';
import { RandomIds } from '#adapters/outbound/system/random-ids.ts';
import { SystemClock } from '#adapters/outbound/system/system-clock.ts';
import type { Config } from './config.ts';
import { tokens as T } from './tokens.ts';

const QUEUE_LENGTH = 128;
const QUEUE_WAIT_MS = 2_000;

/** The rings of keys. */
export interface Keys {
  readonly token: TokenKeys;
  readonly jwt: JwtKeys;
}

export async function openKeys(config: Config['keys']): Promise<Keys> {
  const { tokenKeys, jwtKeys } = config.kind === 'given' ? config : await loadOrCreateKeys(config.folder);
  return { token: parseTokenKeys(tokenKeys), jwt: await importJwtKeys(jwtKeys) };
}

export async function securityModule(
  config: Config,
  { keys, logger, threadPoolSize }: { keys: Keys; logger: Logger; threadPoolSize: number },
): Promise<ContainerModule> {
  const concurrency = gateSize({ cores: availableParallelism(), threadPoolSize });
  const hasher = await openArgon2PasswordHasher({
    gate: new HashGate({ concurrency, queueLength: QUEUE_LENGTH, waitMs: QUEUE_WAIT_MS }),
    parameters: config.argon2,
    onUnusableHash: () => logger.error('A stored password hash is malformed or beyond the ceiling; its sign-in was refused.'),
  });

  return new ContainerModule(({ bind }) => {
    bind(T.hasher).toConstantValue(hasher);
    bind(T.blocklist).toConstantValue(new CommonPasswordBlocklist());
    bind(T.tokenMint).toConstantValue(new HmacTokenMint(keys.token));
    bind(T.accessTokens).toConstantValue(
      new JoseAccessTokens({ keys: keys.jwt, issuer: config.http.publicUrl, ttlMs: config.accessTokenTtlMs }),
    );
    bind(T.securityLog).toConstantValue(new PinoSecurityLog(logger));
    bind(T.clock).toConstantValue(new SystemClock());
    bind(T.ids).toConstantValue(new RandomIds());
  });
}
