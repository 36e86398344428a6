import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';

const { tokenKeys, jwtKeys } = await generateKeys();
process.stdout.write(`TOKEN_KEYS=${tokenKeys}\nJWT_KEYS=${jwtKeys}\n`);
