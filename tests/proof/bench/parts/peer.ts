import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { login, me, type Member, members, memoryOf, openDoor, PASSWORD } from '../door.ts';
import { type Figure, type Part, seen } from '../figure.ts';
import { fire, percentile, type Shot, statuses, type Volley, volley } from '../load.ts';
import { freePort } from '../../../support/service.ts';

const folder = resolve(import.meta.dirname, '../peer');
const FOR_MS = 8_000;
const PEOPLE = 8;

/** A door under load: how to sign in to it and how to ask it who one is. */
interface Contender {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly signIn: (n: number) => Shot;
  readonly check: (n: number) => Shot;
  stop(): Promise<unknown>;
}

/** What another library makes of the same load. It hashes with scrypt and keeps everything in memory, so only what people notice is compared. */
export const measurePeer: Part = async ({ progress }) => {
  if (!existsSync(`${folder}/node_modules`)) {
    progress('installing better-auth beside the benchmark');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' });
  }
  const figures: Figure[] = [];
  for (const open of [openOurs, openPeer]) {
    const contender = await open();
    progress(contender.name);
    figures.push(...(await measure(contender)));
    await contender.stop();
  }
  return figures;
};

async function measure({ name, url, pid, signIn, check }: Contender): Promise<Figure[]> {
  const base = await memoryOf(pid, 'VmRSS');
  const alone = await allWell(volley({ url, connections: 16, forMs: FOR_MS, shot: signIn }));
  const idle = await allWell(checks(url, check));
  const [busy] = await Promise.all([allWell(checks(url, check)), volley({ url, connections: 64, forMs: FOR_MS, shot: signIn })]);
  const crowd = await volley({ url, connections: 300, count: 300, shot: signIn });
  return [
    seen(`${name}: sign-ins`, alone.hits.length / alone.seconds, '/s'),
    seen(`${name}: session check p50, idle`, percentile(idle.hits, 0.5), 'ms'),
    seen(`${name}: session check p99, 64 sign-ins in flight`, percentile(busy.hits, 0.99), 'ms'),
    seen(`${name}: peak RSS over rest, 300 sign-ins at once`, (await memoryOf(pid, 'VmHWM')) - base, 'MiB'),
    seen(`${name}: the slowest of these 300`, percentile(crowd.hits, 1), 'ms'),
  ];
}

function checks(url: string, shot: (n: number) => Shot): Promise<Volley> {
  return volley({ url, connections: PEOPLE, forMs: FOR_MS, pauseMs: 40, shot });
}

async function allWell(volleying: Promise<Volley>): Promise<Volley> {
  const done = await volleying;
  const { 200: ok = 0 } = statuses(done.hits);
  if (ok !== done.hits.length) throw new Error(`Refused: ${JSON.stringify(statuses(done.hits))}`);
  return done;
}

async function openOurs(): Promise<Contender> {
  const service = await openDoor();
  const people = await members(service.url, PEOPLE);
  const who = (n: number) => people[n % PEOPLE] as Member;
  return {
    ...{ name: 'Sallyport', url: service.url, pid: service.process.pid ?? 0 },
    ...{ signIn: (n) => login(who(n).email), check: (n) => me(who(n)), stop: () => service.stop() },
  };
}

async function openPeer(): Promise<Contender> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = { PATH: process.env.PATH, PORT: String(port), NODE_ENV: 'production' };
  const child = fork(`${folder}/server.mjs`, { env, execArgv: [] });
  await once(child, 'message');
  const call = (path: string, input: unknown): Shot => ({ path: `/api/auth/${path}`, input, headers: { origin: url } });
  const cookies: string[] = [];
  for (let n = 0; n < PEOPLE; n += 1) {
    const input = { name: 'Member', email: `member-${n}@example.com`, password: PASSWORD };
    const { status, body, cookies: set } = await fire(url, undefined, call('sign-up/email', input));
    if (status !== 200) throw new Error(`${status} ${body}`);
    cookies.push(set.join('; '));
  }
  const signIn = (n: number) => call('sign-in/email', { email: `member-${n % PEOPLE}@example.com`, password: PASSWORD });
  const check = (n: number): Shot => ({ path: '/api/auth/get-session', method: 'GET', headers: { cookie: cookies[n % PEOPLE] ?? '' } });
  const stop = async () => {
    child.kill();
    await once(child, 'exit');
  };
  return { name: 'better-auth 1.7.25', url, pid: child.pid ?? 0, signIn, check, stop };
}
