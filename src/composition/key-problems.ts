import { parseJwks } from '#adapters/outbound/crypto/jwt-keys.ts';
import { parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';
import type { ConfigProblem } from './config-problem.ts';

interface GivenKeys {
  readonly tokenKeys: string | undefined;
  readonly jwtKeys: string | undefined;
  readonly required: boolean;
}

/** What is wrong with the keys: missing, half given, unreadable, or one secret for two purposes. */
export function findKeyProblems({ tokenKeys, jwtKeys, required }: GivenKeys): ConfigProblem[] {
  if (tokenKeys === undefined && jwtKeys === undefined && !required) return [];
  const problems = [problemOf('TOKEN_KEYS', tokenKeys, parseTokenKeys), problemOf('JWT_KEYS', jwtKeys, parseJwks)].flat();
  if (tokenKeys === undefined || jwtKeys === undefined || problems.length > 0) return problems;

  const signing = new Set(parseJwks(jwtKeys).map(({ d }) => Buffer.from(d, 'base64url').toString('hex')));
  const shared = parseTokenKeys(tokenKeys).some(({ key }) => signing.has(key.toString('hex')));
  return shared ? [{ setting: 'TOKEN_KEYS', problem: 'must not hold a secret of JWT_KEYS: one secret, one purpose' }] : [];
}

function problemOf(setting: string, text: string | undefined, parse: (text: string) => unknown): ConfigProblem[] {
  if (text === undefined) {
    return [
      { setting, problem: 'is required in production, with MONGODB_URI, and beside the other key setting; `npm run keys` prints both' },
    ];
  }
  try {
    parse(text);
    return [];
  } catch (error) {
    return [{ setting, problem: error instanceof Error ? error.message : 'cannot be read' }];
  }
}
