import { describe, expect, it } from 'vitest';
import { anEmail } from '../support/builders.ts';
import { findPasswordProblem, isHashablePassword } from '#domain/password-policy.ts';

const context = {
  minLength: 8,
  appName: 'The Fort',
  email: anEmail('ada.lovelace@example.com'),
  name: 'Ada Lovelace',
  isCommon: (password: string) => password === 'sunshine',
};

describe('a new password', () => {
  it.each<[string, string | null]>([
    ['1234567', 'too-short'],
    ['🦉🦉🦉🦉🦉🦉🦉', 'too-short'],
    ['🦉🦉🦉🦉🦉🦉🦉🦉', null],
    ['sunshine', 'too-common'],
    ['ada.lovelace@example.com', 'context-word'],
    ['ADA.LOVELACE', 'context-word'],
    ['example.com', 'context-word'],
    ['ada lovelace', 'context-word'],
    ['TheFort123', 'context-word'],
    ['sallyport!', 'context-word'],
    ['my name is ada lovelace', null],
    ['        ', null],
    ['with spaces and ünïcode', null],
    ['x'.repeat(64), null],
    ['x'.repeat(256), null],
  ])('%j: %s', (password, problem) => {
    expect(findPasswordProblem(password, context)).toBe(problem);
  });

  it('may be required to be longer', () => {
    expect(findPasswordProblem('x'.repeat(14), { ...context, minLength: 15 })).toBe('too-short');
    expect(findPasswordProblem('x'.repeat(15), { ...context, minLength: 15 })).toBeNull();
  });
});

describe('a password to be hashed', () => {
  it.each<[string, boolean]>([
    ['', true],
    ['\0', true],
    ['x'.repeat(256), true],
    ['🦉'.repeat(256), true],
    ['x'.repeat(257), false],
    ['🦉'.repeat(257), false],
    ['lone \ud800 surrogate', false],
    ['x'.repeat(1_000_000), false],
  ])('case %#', (password, hashable) => {
    expect(isHashablePassword(password)).toBe(hashable);
  });
});
