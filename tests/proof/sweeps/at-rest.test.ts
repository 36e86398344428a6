import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { record } from '../record.ts';
import { type RedisServer, startRedis } from '../../support/redis-setup.ts';
import { endAllServices, startService } from '../../support/service.ts';
import { distributedStage, embeddedStage, type Stage } from '../../support/stage.ts';
import { databaseOn } from '../../support/test-mongo.ts';
import { type Door, doorsOf, type Genuine, isSendable } from './doors.ts';
import { formsOf } from './forms.ts';
import { type Guesses, guessesFrom } from './guesses.ts';
import { filesOf, Kept, keptInMongo, keptInRedis, keptInSqlite } from './kept.ts';
import { type Passage, walkThrough } from './whole-flow.ts';

/** The limiter out of the way, but for the one bucket that tells a genuine device token from others. */
const settings = {
  REFRESH_GRACE: '1s',
  LIMIT_GLOBAL: '1000000/1d',
  LIMIT_REGISTER: '1000000/1d',
  LIMIT_LOGIN: '1000000/1d',
  LIMIT_LOGIN_ADDRESS: '5/1d',
  LIMIT_LOGIN_DEVICE: '1000000/1d',
  LIMIT_CONFIRM: '1000000/1d',
  LIMIT_SESSION: '1000000/1d',
};
const rows: { where: string; 'texts kept': number; secrets: number; guesses: number; tried: number }[] = [];

afterAll(async () => {
  await endAllServices();
  await record('what is kept', rows);
});

describe('SQLite', () => {
  describeAtRest('SQLite', async () => {
    const stage = await embeddedStage(settings);
    const [service] = stage.services;
    if (service === undefined) throw new Error('no service');
    const folder = join(service.folder, 'data');
    let url = service.url;
    return {
      stage,
      keptNow: () => filesOf(folder),
      keptLater: async () => {
        await service.stop();
        const kept = await keptInSqlite(folder);
        url = (await startService({ folder: service.folder, env: { ...settings, PUBLIC_URL: url }, port: Number(new URL(url).port) })).url;
        return [kept];
      },
      close: async () => undefined,
    };
  });
});

describe.skipIf(inject('mongoUri') === null || inject('redisUrl') === null)('MongoDB and Redis', () => {
  describeAtRest('MongoDB and Redis', async () => {
    // One of its own, so that all of it may be looked through.
    const redis = (await startRedis()) as RedisServer;
    const mongoUri = databaseOn(inject('mongoUri'));
    const stage = await distributedStage({ mongoUri, redisUrl: redis.url }, settings);
    return {
      stage,
      keptNow: () => keptInMongo(mongoUri),
      keptLater: async () => [await keptInMongo(mongoUri), await keptInRedis(redis.url)],
      close: async () => {
        await stage.close();
        await redis.stop();
      },
    };
  });
});

interface Place {
  readonly stage: Stage;
  keptNow(): Promise<Kept>;
  /** By store: the first keeps people, others count. */
  keptLater(): Promise<Kept[]>;
  close(): Promise<void>;
}

function describeAtRest(where: string, open: () => Promise<Place>): void {
  let place: Place;
  let passage: Passage;
  let stores: readonly Kept[];
  let url = '';
  let guesses: Guesses;

  beforeAll(async () => {
    place = await open();
    [url] = place.stage.urls;
    passage = await walkThrough(place.stage);
    stores = [await place.keptNow(), ...(await place.keptLater())];
    guesses = guessesFrom(stores);
    await spendLogins(url, passage.genuine);
  });
  afterAll(() => place?.close());

  it('no secret that was ever used is kept, in any form', () => {
    const [now, later] = stores;
    for (const known of [...passage.addresses, '$argon2id$']) expect([now?.has(known), later?.has(known)], known).toEqual([true, true]);
    expect(passage.secrets.size).toBeGreaterThan(40);
    for (const [name, secret] of passage.secrets) {
      expect(secret.length, name).toBeGreaterThanOrEqual(16);
      expect(
        formsOf(secret).some((form) => stores.some((kept) => kept.has(form))),
        name,
      ).toBe(false);
    }
  });

  it('nothing that is kept opens anything, whole, in parts, encoded or put together', async () => {
    const fromBare = guessesFrom([keptBare(passage.genuine)]);
    const doors = doorsOf(url, passage.genuine);
    for (const { kind } of doors) expect(fromBare[kind], kind).toContain(passage.genuine[kind]);

    const attempts = doors.flatMap((door) => guesses[door.kind].map((guess) => ({ door, guess })));
    const tried = attempts.filter(({ door, guess }) => isSendable(guess, door));

    expect(await opened(tried)).toEqual([]);
    rows.push({
      where,
      'texts kept': new Set(stores.flatMap(({ texts }) => [...texts])).size,
      secrets: passage.secrets.size,
      guesses: new Set(Object.values(guesses).flat()).size,
      tried: tried.length,
    });
  });

  it('the genuine tokens open every door, in the same way', async () => {
    const { genuine } = passage;
    const doors = doorsOf(url, genuine);
    for (const door of doors) expect(await door.open(genuine[door.kind]), door.kind).toBe('redeemed');
  });
}

/** A store as it would be if tokens were kept as they are, each part in a place of its own. */
function keptBare(genuine: Genuine): Kept {
  const kept = new Kept();
  kept.addRecord([genuine.password, genuine.bearer]);
  for (const token of [genuine.link, genuine.registration, genuine.refresh, genuine.device]) kept.addRecord(token.split('.'));
  return kept;
}

async function spendLogins(url: string, genuine: Genuine): Promise<void> {
  const guess = doorsOf(url, genuine).find(({ kind }) => kind === 'device');
  for (let outcome = ''; outcome !== guess?.refusal; ) outcome = (await guess?.open('none')) ?? '';
}

/** What was not refused for the right reason. */
async function opened(attempts: readonly { door: Door; guess: string }[]): Promise<string[]> {
  const wrong: string[] = [];
  const queue = attempts.values();
  const work = async () => {
    for (const { door, guess } of queue) {
      const outcome = await door.open(guess);
      if (outcome !== door.refusal) wrong.push(`${guess} as ${door.kind}: ${outcome}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return wrong;
}
