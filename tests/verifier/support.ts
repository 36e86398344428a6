import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const ISSUER = 'https://door.example.com';

export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function makeKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' } };
}

export const claims = {
  iss: ISSUER,
  aud: ISSUER,
  sub: 'user-1',
  sid: 'session-1',
  jti: 'token-1',
};

/** A genuine token but for what is changed; `undefined` leaves a claim out. Times are seconds from now. */
export function mint(
  { privateKey, publicJwk }: SigningKey,
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = { ...claims, iat: now, exp: now + 900, ...changes };
  const protectedHeader = { alg: 'EdDSA', typ: 'at+jwt', kid: publicJwk.kid ?? '', ...header };
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(privateKey, { crit: { 'urn:unheard-of': true } });
}

export interface KeyServer {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: () => number;
  serve(answer: readonly SigningKey[] | ((response: ServerResponse) => void)): void;
  close(): Promise<void>;
}

/** Publishes keys on a real socket. */
export async function openKeyServer(): Promise<KeyServer> {
  let asked = 0;
  let answer: (response: ServerResponse) => void = (response) => response.end('{"keys":[]}');
  const server = createServer((_request, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    asked: () => asked,
    serve: (next) => {
      answer = typeof next === 'function' ? next : (response) => response.end(JSON.stringify({ keys: next.map((key) => key.publicJwk) }));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
