import { describe, expect, it } from 'vitest';
import { at } from '../../../support/builders.ts';
import { refuseAccidentalMatches } from '#adapters/outbound/mongo/filter-guard.ts';

describe('a filter for MongoDB', () => {
  const guard = (filter: unknown) => () => refuseAccidentalMatches(filter, new Set(['endedAt']));

  it.each([
    [{ _id: 'a', expiresAt: { $gt: at(0) } }],
    [{ endedAt: null }],
    [{ $or: [{ endedAt: null }, { endedAt: { $type: 'date' } }], _id: { $in: ['a', 'b'] } }],
    [{ _id: { $in: [] } }],
  ])('passes when it asks for what it says: %j', (filter) => {
    expect(guard(filter)).not.toThrow();
  });

  it.each([
    ['an undefined value', { _id: undefined }, '_id'],
    ['an undefined bound', { _id: 'a', expiresAt: { $lte: undefined } }, 'expiresAt'],
    ['an undefined value in a list', { _id: { $in: ['a', undefined] } }, '_id'],
    ['an undefined value in an alternative', { $or: [{ endedAt: null }, { owner: undefined }] }, 'owner'],
    ['undefined where null may be asked for', { endedAt: undefined }, 'endedAt'],
    ['null where no document holds it', { canonical: null }, 'canonical'],
  ])('throws for %s, naming the field', (_, filter, field) => {
    expect(guard(filter)).toThrow(new RegExp(`in ${field} would match what lacks it`));
  });
});
