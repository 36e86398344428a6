import { describe, expect, it } from 'vitest';
import { renderLetter } from '#adapters/outbound/smtp/letters/render-letter.ts';
import type { Letter } from '#application/ports/mail-transport.ts';

const LINK = 'https://app.example.com/verify?a=1&b=2#token=abc.def';
const DISOWN = 'https://app.example.com/verify#disown=abc.def';
const confirm: Letter = { kind: 'confirm-address', link: LINK, disownLink: DISOWN, livesMs: 1_800_000 };
const exists: Letter = { kind: 'account-exists', signInUrl: 'https://app.example.com/sign-in' };
const ended: Letter = { kind: 'session-ended', noticedAt: new Date('2026-03-03T10:15:00Z') };
const LETTERS = [confirm, exists, ended];

describe('renderLetter', () => {
  it.each(LETTERS)('$kind escapes APP_NAME in the HTML', (letter) => {
    const { html } = renderLetter(letter, { appName: `<img src=x onerror="a('b')"> & Co` });

    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt; &amp; Co');
  });

  it.each(LETTERS)('$kind fetches nothing from anywhere', (letter) => {
    const { html } = renderLetter(letter, { appName: 'The Fort' });
    expect(html).not.toMatch(/<(?:img|script|link|iframe|video|object|form|base)\b|\bsrc=|url\(|@import|@font-face/i);
  });

  it.each(LETTERS)('$kind says the same in HTML and in text', (letter) => {
    const { html, text } = renderLetter(letter, { appName: 'The Fort' });
    expect(words(html)).toEqual(expect.arrayContaining(words(text).filter((word) => word !== DISOWN && !/^(?:--|\w+:)$/.test(word))));
  });

  it.each(LETTERS)('$kind is a document with a language, for light and dark', (letter) => {
    const { html } = renderLetter(letter, { appName: 'The Fort' });
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('prefers-color-scheme: dark');
  });

  it.each(LETTERS)('$kind keeps its text within 72 columns, but for a link', (letter) => {
    const { text } = renderLetter(letter, { appName: 'The Fort' });
    const long = text.split('\n').filter((line) => line.length > 72 && !line.startsWith('https://'));
    expect(long).toEqual([]);
    expect(text).not.toMatch(/<\w|&\w+;/);
  });

  it.each([confirm, exists])('$kind has its link on the button, to be copied, and alone on a line of the text', (letter) => {
    const link = letter.kind === 'confirm-address' ? letter.link : 'https://app.example.com/sign-in';
    const escaped = link.replaceAll('&', '&amp;');
    const { html, text } = renderLetter(letter, { appName: 'The Fort' });

    expect(html.split(escaped)).toHaveLength(3);
    expect(html).toContain(`<a href="${escaped}"`);
    expect(html).toContain(`>${escaped}</p>`);
    expect(text.split('\n').filter((line) => line.includes('https://'))).toEqual(
      letter.kind === 'confirm-address' ? [link, DISOWN] : [link],
    );
  });

  it('leaves a link unbroken, however long', () => {
    const link = `https://app.example.com/verify#token=${'x'.repeat(300)}`;
    expect(renderLetter({ ...confirm, link }, { appName: 'The Fort' }).text.split('\n')).toContain(link);
  });

  it('says how long a link lives, and what to do if it was somebody else', () => {
    const { text } = renderLetter(confirm, { appName: 'The Fort' });
    expect(text).toContain('The link works for 30 minutes.');
    expect(text).toContain("If this wasn't you, ignore this mail");
  });

  it('offers a way to want no more of these, once in the HTML and once in the text', () => {
    const { text, html } = renderLetter(confirm, { appName: 'The Fort' });
    expect(html.split(DISOWN)).toHaveLength(2);
    expect(text.split('\n')).toContain(DISOWN);
  });

  it('tells an owner when a session ended, and gives them no link to follow', () => {
    const { subject, text, html } = renderLetter(ended, { appName: 'The Fort' });
    expect(subject).toBe('You were signed out of The Fort on one device');
    expect(text.replaceAll('\n', ' ')).toMatch(/3 March 2026\D+10:15 UTC/);
    expect(html).not.toContain('<a ');
  });

  it('differs between letters already in the subject', () => {
    expect(new Set(LETTERS.map((letter) => renderLetter(letter, { appName: 'The Fort' }).subject)).size).toBe(3);
  });
});

function words(document: string): string[] {
  const text = document.replace(/<(style|title)>[\s\S]*?<\/\1>|<[^>]+>/g, ' ');
  return text.replaceAll('&#39;', "'").replaceAll('&amp;', '&').split(/\s+/).filter(Boolean);
}
