import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gate, login, members, openDoor } from '../door.ts';
import { atLeast, type Figure, type Part, seen } from '../figure.ts';
import { median, statuses, volley } from '../load.ts';

const ROUNDS = 5;
const ROUND_MS = 4_000;

/** What a login costs beside its hash: the rate of whole logins over HTTP against that of bare hashes, in turns. */
export const measureLogin: Part = async ({ progress }) => {
  const service = await openDoor();
  const people = await members(service.url, 20);
  const [whole, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    bare.push(await bareRate());
    const shot = (n: number) => login(people[n % people.length]?.email ?? '');
    const { hits, seconds } = await volley({ url: service.url, connections: 8 * gate, forMs: ROUND_MS, shot });
    const failed = Object.entries(statuses(hits)).filter(([status]) => status !== '200');
    if (failed.length > 0) throw new Error(`Logins failed: ${JSON.stringify(failed)}`);
    whole.push(hits.length / seconds);
  }
  await service.stop();
  const ratios = whole.map((rate, round) => rate / (bare[round] ?? Number.NaN));
  return [
    atLeast('logins/s ÷ bare argon2id/s', 0.9, median(ratios)),
    seen('logins', median(whole), '/s'),
    seen('bare argon2id', median(bare), '/s'),
  ] satisfies Figure[];
};

async function bareRate(): Promise<number> {
  const script = new URL('../bare-argon2.mjs', import.meta.url).pathname;
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(gate + 2) };
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(gate), String(ROUND_MS)], { env });
  return Number(stdout);
}
