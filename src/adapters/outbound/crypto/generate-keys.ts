import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { JWT_ALGORITHM, thumbprint } from './jwt-keys.ts';
import { TOKEN_KEY_BYTES } from './token-keys.ts';

/** The texts of TOKEN_KEYS and JWT_KEYS. */
export interface KeyTexts {
  readonly tokenKeys: string;
  readonly jwtKeys: string;
}

/** A fresh key of each kind. */
export async function generateKeys(): Promise<KeyTexts> {
  const tokenKeyId = `k${randomBytes(4).toString('hex')}`;
  const tokenKeys = `${tokenKeyId}:${randomBytes(TOKEN_KEY_BYTES).toString('base64url')}`;

  const { privateKey } = await generateKeyPair(JWT_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const keys = [{ ...jwk, kid: await thumbprint(jwk), alg: JWT_ALGORITHM, use: 'sig' }];
  return { tokenKeys, jwtKeys: Buffer.from(JSON.stringify({ keys })).toString('base64url') };
}
