import type { Argon2Parameters } from './argon2-parameters.ts';

const PHC = /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,4}),p=1\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/;

/** The parameters in a PHC string of argon2id, version 19, p=1, 16 to 64 bytes of salt and 32 of output; `null` for anything else. */
export function parametersOf(phc: string): Argon2Parameters | null {
  const [, memory, iterations] = phc.length > 200 ? [] : (PHC.exec(phc) ?? []);
  return memory === undefined || iterations === undefined ? null : { memoryKib: Number(memory), iterations: Number(iterations) };
}
