import { randomId } from '#adapters/outbound/system/random-ids.ts';
import { type OpenMongo, openMongo } from '#adapters/outbound/mongo/open-mongo.ts';

/** The address of a new database on a server of the tests. That of a set names three hosts, which no URL parser takes. */
export function databaseOn(uri: string | null): string {
  return (uri ?? '').replace(/^(mongodb:\/\/[^/]+)\/[^?]*/, `$1/t${randomId().replaceAll('-', '_')}`);
}

/** As the service opens it, but with a few connections and no waiting. */
export function openTestMongo(uri: string): Promise<OpenMongo> {
  const waiting = new AbortController();
  return openMongo({ uri, poolSize: 10, onWaiting: () => waiting.abort(), signal: waiting.signal });
}
