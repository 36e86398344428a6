import type { Argon2Parameters } from './argon2-parameters.ts';

const PHC = /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,4}),p=1\$([A-Za-z0-9+/]{22,64})\$([A-Za-z0-9+/]{43})$/;
const LONGEST = 200;
/** Eight blocks of 1 KiB (RFC 9106 3.1). */
const LEAST_MEMORY_KIB = 8;

/**
 * The parameters in a PHC string of argon2id, version 19, p=1, 16 to 48 bytes of salt and 32 of output; `null` for anything else.
 * It lets nothing through that the native code would throw at.
 */
export function parametersOf(phc: string): Argon2Parameters | null {
  const [, memory, iterations, salt, output] = phc.length > LONGEST ? [] : (PHC.exec(phc) ?? []);
  if (memory === undefined || iterations === undefined || salt === undefined || output === undefined) return null;
  if (!isCanonicalBase64(salt) || !isCanonicalBase64(output)) return null;
  const memoryKib = Number(memory);
  return memoryKib < LEAST_MEMORY_KIB ? null : { memoryKib, iterations: Number(iterations) };
}

/** Without padding, and without bits beyond the last byte. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === text;
}
