import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cpuOf, gate, login, members, openDoor } from '../door.ts';
import { atLeast, type Figure, type Part, seen } from '../figure.ts';
import { median, statuses, volley } from '../load.ts';

const ROUNDS = 9;
const ROUND_MS = 3_000;

/** So many a second, each for so much processor time. */
interface Pace {
  readonly rate: number;
  readonly cpuMs: number;
}

/** What a login costs beside its hash: whole logins over HTTP against bare hashes, in turns. */
export const measureLogin: Part = async ({ progress }) => {
  const service = await openDoor();
  const people = await members(service.url, 20);
  const pid = service.process.pid ?? 0;

  const whole = async (): Promise<Pace> => {
    const before = await cpuOf(pid);
    const shot = (n: number) => login(people[n % people.length]?.email ?? '');
    const { hits, seconds } = await volley({ url: service.url, connections: 8 * gate, forMs: ROUND_MS, shot });
    const failed = Object.entries(statuses(hits)).filter(([status]) => status !== '200');
    if (failed.length > 0) throw new Error(`Logins failed: ${JSON.stringify(failed)}`);
    return { rate: hits.length / seconds, cpuMs: ((await cpuOf(pid)) - before) / hits.length };
  };

  const [logins, hashes]: [Pace[], Pace[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    // Who comes first changes, so that a machine that gets slower or faster favours neither.
    if (round % 2 === 0) hashes.push(await bare());
    logins.push(await whole());
    if (round % 2 === 1) hashes.push(await bare());
  }
  await service.stop();

  const ratio = logins.map(({ rate }, round) => rate / (hashes[round]?.rate ?? Number.NaN));
  return [atLeast('logins/s ÷ bare argon2id/s', 0.9, median(ratio)), ...seenOf('login', logins), ...seenOf('bare argon2id', hashes)];
};

function seenOf(what: string, paces: readonly Pace[]): Figure[] {
  return [
    seen(`${what}: rate`, median(paces.map(({ rate }) => rate)), '/s'),
    seen(`${what}: processor time`, median(paces.map(({ cpuMs }) => cpuMs)), 'ms'),
  ];
}

async function bare(): Promise<Pace> {
  const script = new URL('../bare-argon2.mjs', import.meta.url).pathname;
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(gate + 2) };
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(gate), String(ROUND_MS)], { env });
  return JSON.parse(stdout) as Pace;
}
