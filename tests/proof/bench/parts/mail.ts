import { setTimeout as sleep } from 'node:timers/promises';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { PASSWORD, openDoor, unlimited } from '../door.ts';
import { atMost, type Figure, type Part, seen } from '../figure.ts';
import { fire, type Hit, percentile } from '../load.ts';
import { hasMongo } from '../stores.ts';
import { openScriptedSmtp, type ScriptedSmtp } from '../../../support/scripted-smtp.ts';
import { eventually, type RunningService, startService } from '../../../support/service.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';

const IDLE = 60;
const RATE = 20;
const FOR_S = 20;

/** From a sign-up's request, so with its hash, until the mail server has the mail. */
export const measureMail: Part = async ({ progress }) => {
  const smtp = await openScriptedSmtp();
  const mail = { SMTP_URL: smtp.url, SMTP_REQUIRE_TLS: 'false', MAIL_FROM: 'no-reply@example.com', LIMIT_MAIL_PER_ADDRESS: 'off' };
  const embedded = await openDoor(mail);
  const figures = await measure('one instance, SQLite', [embedded], smtp, progress);
  await embedded.stop();
  if (!hasMongo) {
    await smtp.close();
    return figures;
  }

  const mongo = await MongoMemoryServer.create();
  const { tokenKeys, jwtKeys } = await generateKeys();
  const env = { ...unlimited, ...mail, MONGODB_URI: `${mongo.getUri()}door`, TOKEN_KEYS: tokenKeys, JWT_KEYS: jwtKeys };
  const both = [await startService({ env }), await startService({ env })];
  figures.push(...(await measure('two instances, MongoDB', both, smtp, progress)));
  for (const service of both) await service.stop();
  await mongo.stop();
  await smtp.close();
  return figures;
};

let people = 0;

async function measure(
  where: string,
  services: readonly RunningService[],
  smtp: ScriptedSmtp,
  progress: (text: string) => void,
): Promise<Figure[]> {
  progress(`${where}: one at a time`);
  const asked = new Map<string, number>();
  const register = async () => {
    const email = `mail-${people++}@example.com`;
    const url = services[people % services.length]?.url ?? '';
    asked.set(email, performance.now());
    const hit = await fire(url, undefined, { path: '/trpc/auth.register', input: { name: 'Ada', email, password: PASSWORD } });
    if (hit.status !== 200) throw new Error(`A sign-up got ${hit.status}.`);
  };
  const from = smtp.mails.length;
  for (let n = 0; n < IDLE; n += 1) {
    await register();
    await sleep(100);
  }
  const idle = await waits(smtp, from, asked);

  progress(`${where}: ${RATE} a second`);
  asked.clear();
  const then = smtp.mails.length;
  const running: Promise<void>[] = [];
  for (let n = 0; n < RATE * FOR_S; n += 1) {
    running.push(register());
    await sleep(1_000 / RATE);
  }
  await Promise.all(running);
  const steady = await waits(smtp, then, asked);
  const twice = smtp.messageIds.length - new Set(smtp.messageIds).size;
  return [
    seen(`sign-up to mail handed over, p50, one at a time, ${where}`, percentile(idle, 0.5), 'ms'),
    atMost(`p95, one at a time, ${where}`, 500, percentile(idle, 0.95), 'ms'),
    seen(`p50 at ${RATE} sign-ups/s, ${where}`, percentile(steady, 0.5), 'ms'),
    atMost(`p95 at ${RATE} sign-ups/s, ${where}`, 500, percentile(steady, 0.95), 'ms'),
    atMost(`mails sent twice, ${where}`, 0, twice),
  ];
}

/** How long each mail took to come, once all are there. */
async function waits(smtp: ScriptedSmtp, from: number, asked: ReadonlyMap<string, number>): Promise<Hit[]> {
  await eventually(
    async () => smtp.mails.length - from,
    (count) => count >= asked.size,
    30_000,
  );
  return smtp.mails.slice(from).map(({ to, arrivedAt }) => ({
    ...{ status: 250, cookies: [], body: '' },
    ms: arrivedAt - (asked.get(to[0] ?? '') ?? Number.NaN),
  }));
}
