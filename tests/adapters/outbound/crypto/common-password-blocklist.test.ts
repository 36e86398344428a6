import { expect, it } from 'vitest';
import { CommonPasswordBlocklist } from '#adapters/outbound/crypto/common-password-blocklist.ts';

const blocklist = new CommonPasswordBlocklist();

it('knows at least three thousand common passwords of the least length that is accepted', () => {
  expect(blocklist.countOfLength(8)).toBeGreaterThanOrEqual(3_000);
});

it('knows some of the length that is recommended', () => {
  expect(blocklist.countOfLength(15)).toBeGreaterThan(30);
});

it.each(['password', 'Password', 'PASSWORD', '12345678', 'qwertyuiop', 'iloveyou', 'sunshine', 'football', 'trustno1'])(
  'knows %s',
  (password) => {
    expect(blocklist.includes(password)).toBe(true);
  },
);

it.each(['a quiet lighthouse', 'password of nobody', ''])('does not know %j', (password) => {
  expect(blocklist.includes(password)).toBe(false);
});
