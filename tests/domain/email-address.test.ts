import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskEmail, parseEmailAddress } from '#domain/email-address.ts';

describe('an address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com', 'ada@example.com'],
    ['Ada.Lovelace@Example.COM', 'Ada.Lovelace@Example.COM', 'ada.lovelace@example.com'],
    [' ada@example.com ', 'ada@example.com', 'ada@example.com'],
    ['ada+tag@example.com', 'ada+tag@example.com', 'ada+tag@example.com'],
    ["o'neil@example.com", "o'neil@example.com", "o'neil@example.com"],
    ['!#$%&*/=?^_`{|}~-@example.com', '!#$%&*/=?^_`{|}~-@example.com', '!#$%&*/=?^_`{|}~-@example.com'],
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com', 'ada@example.com'],
    ['ada＠example.com', 'ada@example.com', 'ada@example.com'],
    ['ada@bücher.example', 'ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@sub.sub.example.com', 'ada@sub.sub.example.com', 'ada@sub.sub.example.com'],
    ['1@2.example', '1@2.example', '1@2.example'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%j is taken', (typed, mailbox, canonical) => {
    expect(parseEmailAddress(typed)).toEqual({ ok: true, value: { mailbox, canonical } });
  });

  it.each([
    '',
    '@',
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'ada@localhost',
    'ada@@example.com',
    'a@b@example.com',
    'ada@example..com',
    'ada@.example.com',
    'ada@example.com.',
    'ada@-example.com',
    'ada@example-.com',
    'ada@exa_mple.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    '"ada"@example.com',
    '"a@b"@example.com',
    'ada lovelace@example.com',
    'ada@exam ple.com',
    'ada,bert@example.com',
    'ada@example.com,bert@example.com',
    'Ada <ada@example.com>',
    '<ada@example.com>',
    'g: ada@example.com;',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com\r\n',
    '\nada@example.com',
    '\tada@example.com',
    'ada@example.com\u0085',
    'ada\n@example.com',
    'ada\0@example.com',
    'ada\t@example.com',
    'ada@exam\u2028ple.com',
    'ädä@example.com',
    'аda@example.com',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@[::1]',
    'ada@0x7f.1',
    'ada@example.c0m:25',
    'ada@example.com/x',
    'ada@user:pw@example.com',
    'ada\ud800@example.com',
    'ada@exam\udfffple.com',
    'ada@example.123',
    '(c)ada@example.com',
  ])('%j is refused', (typed) => {
    expect(parseEmailAddress(typed).ok).toBe(false);
  });

  it.each([
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(60)}.example`,
    `a@${'b'.repeat(300)}.example`,
    'x'.repeat(100_000),
  ])('that is too long is refused', (typed) => {
    expect(parseEmailAddress(typed).ok).toBe(false);
  });

  it('has one canonical form, which is its own', () => {
    const typed = fc
      .tuple(fc.stringMatching(/^[A-Za-z0-9+.-]{1,20}$/), fc.stringMatching(/^[A-Za-z0-9ü-]{1,20}$/))
      .map(([l, d]) => `${l}@${d}.Example`);
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseEmailAddress(text);
        if (!parsed.ok) return;
        const { canonical, mailbox } = parsed.value;
        expect(parseEmailAddress(canonical)).toEqual({ ok: true, value: { mailbox: canonical, canonical } });
        expect(parseEmailAddress(mailbox)).toEqual(parsed);
        expect(canonical).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  it('is masked in logs', () => {
    const parsed = parseEmailAddress('Ada@Example.com');
    expect(parsed.ok && maskEmail(parsed.value)).toBe('a***@example.com');
  });
});
