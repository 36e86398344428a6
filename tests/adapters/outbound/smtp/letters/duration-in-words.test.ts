import { expect, it } from 'vitest';
import { durationInWords } from '#adapters/outbound/smtp/letters/duration-in-words.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

it.each([
  [2 * SECOND, '2 seconds'],
  [1 * SECOND, '1 second'],
  [90 * SECOND, '90 seconds'],
  [1 * MINUTE, '1 minute'],
  [30 * MINUTE, '30 minutes'],
  [90 * MINUTE, '90 minutes'],
  [1 * HOUR, '1 hour'],
  [24 * HOUR, '1 day'],
  [25 * HOUR, '25 hours'],
  [7 * 24 * HOUR, '7 days'],
])('durationInWords says %d ms as %s', (ms, words) => {
  expect(durationInWords(ms)).toBe(words);
});

it.each([
  [30 * MINUTE - 1, '29 minutes'],
  [2 * SECOND + 999, '2 seconds'],
  [24 * HOUR - 1, '23 hours'],
])('durationInWords promises no more than %d ms: %s', (ms, words) => {
  expect(durationInWords(ms)).toBe(words);
});

it.each([0, 1, -5])('durationInWords says at least a second for %d ms', (ms) => {
  expect(durationInWords(ms)).toBe('1 second');
});
