import { isLong } from '../form.ts';
import type { Genuine } from './doors.ts';
import { readingsOf } from './forms.ts';
import type { Kept } from './kept.ts';

/** What to try as a token of each kind. */
export type Guesses = Readonly<Record<keyof Genuine, readonly string[]>>;

/**
 * Everything found, in every reading of it, and the forms of the product's tokens put together of what was found:
 * in the short form within a record, in the long form across all.
 */
export function guessesFrom(stores: readonly Kept[]): Guesses {
  const texts = distinct(stores.flatMap((kept) => [...kept.texts]));
  const readings = distinct(texts.flatMap(readingsOf));
  const pools = isLong ? [texts] : stores.flatMap(({ records }) => records);
  const joined = pools.map(joinedFrom);
  return {
    address: [],
    password: texts,
    link: [...readings, ...distinct(joined.flatMap(({ links }) => links))],
    registration: readings,
    refresh: [...readings, ...distinct(joined.flatMap(({ refresh }) => refresh))],
    device: [...readings, ...distinct(joined.flatMap(({ devices }) => devices))],
    bearer: readings,
  };
}

function joinedFrom(texts: readonly string[]) {
  const ids = texts.filter((text) => /^[\w-]{22}$/.test(text));
  const secrets = distinct(texts.flatMap(readingsOf)).filter((reading) => /^[\w-]{43}$/.test(reading));
  const generations = distinct(['1', '2', ...texts.filter((text) => /^[1-9]\d?$/.test(text))]);
  const ends = [String(Math.floor(Date.now() / 1_000) + 5_000_000), ...texts.filter((text) => /^[1-9]\d{9}$/.test(text))];

  const join = (numbers: readonly string[]) =>
    ids.flatMap((id) => numbers.flatMap((number) => secrets.map((secret) => `${id}${number}.${secret}`)));
  return { links: join(['']), refresh: join(generations.map((n) => `.${n}`)), devices: join(ends.map((n) => `.${n}`)) };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
