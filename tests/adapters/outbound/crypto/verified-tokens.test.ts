import { expect, it } from 'vitest';
import { at, MINUTE } from '../../../support/builders.ts';
import { VerifiedTokens } from '#adapters/outbound/crypto/verified-tokens.ts';
import type { SessionId, UserId } from '#domain/ids.ts';

const claims = {
  ...{ userId: 'user' as UserId, sessionId: 'session' as SessionId },
  ...{ issuedAtMs: at(0).getTime(), expiresAtMs: at(MINUTE).getTime() },
};

it('knows a token within its time and no moment longer', () => {
  const tokens = new VerifiedTokens();
  tokens.keep('a.b.c', claims);
  expect(tokens.find('a.b.c', at(0))).toEqual(claims);
  expect(tokens.find('a.b.c', at(MINUTE - 1))).toEqual(claims);
  expect(tokens.find('a.b.c', at(MINUTE))).toBeNull();
  expect(tokens.find('a.b.c', at(-1))).toBeNull();
});

it('knows no other spelling of it', () => {
  const tokens = new VerifiedTokens();
  tokens.keep('a.b.c', claims);
  for (const other of ['a.b.d', 'a.b.c ', 'A.b.c', 'a.b', '']) expect(tokens.find(other, at(0))).toBeNull();
});

it('holds so many, and lets the oldest go', () => {
  const tokens = new VerifiedTokens({ most: 2 });
  for (const token of ['first', 'second', 'third']) tokens.keep(token, claims);
  expect(['first', 'second', 'third'].map((token) => tokens.find(token, at(0)) !== null)).toEqual([false, true, true]);
});
