import { describe, expect, it } from 'vitest';
import { RandomIds } from '#adapters/outbound/system/random-ids.ts';
import type { Ids } from '#application/ports/ids.ts';

const KINDS: (keyof Ids)[] = ['registration', 'user', 'session', 'message', 'device'];

describe('random ids', () => {
  it.each(KINDS)('name each %s differently, by 128 bits that URL, header and file name bear', (kind) => {
    const ids = new RandomIds();
    const made = Array.from({ length: 10_000 }, () => ids[kind]());
    expect(new Set(made).size).toBe(10_000);
    expect(made.filter((id) => !/^[\w-]{22}$/.test(id))).toEqual([]);
    expect(new Set(made.map((id) => Buffer.from(id, 'base64url').length))).toEqual(new Set([16]));
  });
});
