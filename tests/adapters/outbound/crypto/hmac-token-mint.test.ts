import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describeTokenMintContract } from '../../../contracts/token-mint.contract.ts';
import { HmacTokenMint } from '#adapters/outbound/crypto/hmac-token-mint.ts';
import { derive, parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const mine = key('k1');

describeTokenMintContract('HMAC', () => ({
  mint: new HmacTokenMint(parseTokenKeys(mine)),
  rotated: new HmacTokenMint(parseTokenKeys(`${key('k2')},${mine}`)),
  stranger: new HmacTokenMint(parseTokenKeys(key('k3'))),
}));

describe('token keys', () => {
  const encoded = randomBytes(32).toString('base64url');

  it.each([
    ['nothing', ''],
    ['no id', encoded],
    ['31 bytes', `k1:${randomBytes(31).toString('base64url')}`],
    ['33 bytes', `k1:${randomBytes(33).toString('base64url')}`],
    ['an id with a dot', `k.1:${encoded}`],
    ['one id twice', `${key('k1')},${key('k1')}`],
    ['one key twice', `k1:${encoded},k2:${encoded}`],
    ['zeros', `k1:${Buffer.alloc(32).toString('base64url')}`],
    ['one byte again and again', `k1:${Buffer.alloc(32, 'a').toString('base64url')}`],
  ])('are refused with %s, without showing one', (_, text) => {
    expect(() => parseTokenKeys(text)).toThrow();
    try {
      parseTokenKeys(text);
    } catch (error) {
      expect(String(error)).not.toContain(encoded);
    }
  });

  it('derive something else for every list of parts that is another', () => {
    const [first] = parseTokenKeys(mine);
    const lists = [['a', 'bc'], ['ab', 'c'], ['abc'], ['abc', ''], ['', 'abc'], ['1:a', 'bc'], ['a,2:bc']];
    expect(new Set(lists.map(([purpose = '', ...parts]) => derive(first, purpose, ...parts))).size).toBe(lists.length);
  });
});
