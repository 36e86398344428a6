import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../support/any-text.ts';
import { parsePersonName } from '#domain/person-name.ts';

describe('a name', () => {
  it.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ['  Ada ', 'Ada'],
    ['X', 'X'],
    ['王小明', '王小明'],
    ['José  Ñandú', 'José  Ñandú'],
    ["D'Arcy O’Neil-Smith, Jr.", "D'Arcy O’Neil-Smith, Jr."],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['🦉'.repeat(100), '🦉'.repeat(100)],
    ['<b>Ada</b>', '<b>Ada</b>'],
  ])('%j is taken', (typed, name) => {
    expect(parsePersonName(typed)).toEqual({ ok: true, value: name });
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['\u00a0', 'empty'],
    ['x'.repeat(101), 'too-long'],
    ['🦉'.repeat(101), 'too-long'],
    ['Ada\r\nBcc: eve@example.com', 'malformed'],
    ['Ada\tLovelace', 'malformed'],
    ['Ada\0', 'malformed'],
    ['Ada\u001b[31m', 'malformed'],
    ['Ada\u0085Lovelace', 'malformed'],
    ['Ada\u2028Lovelace', 'malformed'],
    ['Ada\u2029Lovelace', 'malformed'],
    ['Ada\u202eevil', 'malformed'],
    ['Ada\u2066evil', 'malformed'],
    ['Ada\ud800', 'malformed'],
    ['\udc00Ada', 'malformed'],
  ])('%j is refused: %s', (typed, problem) => {
    expect(parsePersonName(typed)).toEqual({ ok: false, error: problem });
  });

  it('is the same when it is typed again as it was taken', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 120 }), (typed) => {
        const parsed = parsePersonName(typed);
        if (!parsed.ok) return;
        expect(parsePersonName(parsed.value)).toEqual(parsed);
        expect([...parsed.value].length).toBeLessThanOrEqual(100);
        expect(parsed.value).not.toMatch(/\p{Cc}|\p{Cs}/u);
      }),
    );
  });
});
