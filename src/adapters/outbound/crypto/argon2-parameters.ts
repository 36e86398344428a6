/** What argon2id costs. Parallelism is 1 and the output 32 bytes throughout. */
export interface Argon2Parameters {
  readonly memoryKib: number;
  readonly iterations: number;
}

/** Least memory by iterations: OWASP Password Storage, ASVS 5.0 appendix C. */
const FLOORS = [
  { iterations: 3, memoryKib: 12_288 },
  { iterations: 2, memoryKib: 19_456 },
  { iterations: 1, memoryKib: 47_104 },
];

/** A stored hash that asks for more than this is not obeyed: it would only serve to take the process down. */
export const ARGON2_CEILING: Argon2Parameters = { memoryKib: 1_048_576, iterations: 20 };

/** What is wrong with parameters that somebody wants to use, or `null`. */
export function argon2ParameterProblem({ memoryKib, iterations }: Argon2Parameters): string | null {
  if (memoryKib > ARGON2_CEILING.memoryKib || iterations > ARGON2_CEILING.iterations) return 'is above what this service will ever verify';
  const floor = FLOORS.find((each) => iterations >= each.iterations);
  if (floor !== undefined && memoryKib >= floor.memoryKib) return null;
  return 'is too weak with these ARGON2_ITERATIONS: at least 19456 with 2, 12288 with 3 or more, 47104 with 1';
}
