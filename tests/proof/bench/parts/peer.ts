import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { login, me, type Member, members, memoryOf, openDoor, PASSWORD } from '../door.ts';
import { type Figure, type Part, seen } from '../figure.ts';
import { fire, median, percentile, type Shot, statuses, volley } from '../load.ts';
import { freePort } from '../../../support/service.ts';

const folder = resolve(import.meta.dirname, '../peer');
const ROUNDS = 3;
const FOR_MS = 5_000;
const PEOPLE = 8;
const CROWD = 300;

/** A door under load: how to sign in to it and how to ask it who one is. */
interface Contender {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly signIn: (n: number) => Shot;
  readonly check: (n: number) => Shot;
  stop(): Promise<unknown>;
}

/** What is seen of it, in its unit. */
type Sight = Readonly<Record<string, { readonly value: number; readonly unit: string }>>;

/**
 * The same load on another library, in turns. It hashes with scrypt where we take argon2id, keeps everything in memory where we
 * write to disk, and queues every sign-in where we turn some away; so nothing here is a goal.
 */
export const measurePeer: Part = async ({ progress }) => {
  if (!existsSync(`${folder}/node_modules`)) {
    progress('installing better-auth beside the benchmark');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' });
  }
  const contenders = [await openOurs(), await openPeer()];
  const sights = contenders.map((): Sight[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    for (const [which, contender] of contenders.entries()) sights[which]?.push(await sightOf(contender));
  }
  const figures: Figure[] = [];
  for (const [which, contender] of contenders.entries()) {
    progress(`a crowd at ${contender.name}`);
    figures.push(...mediansOf(contender.name, sights[which] ?? []), ...(await crowdAt(contender)));
  }
  for (const { stop } of contenders) await stop();
  return figures;
};

async function sightOf({ url, signIn, check }: Contender): Promise<Sight> {
  const checks = () => volley({ url, connections: PEOPLE, forMs: FOR_MS, pauseMs: 100, shot: check });
  const signIns = await volley({ url, connections: 16, forMs: FOR_MS, shot: signIn });
  const idle = await checks();
  const [busy, beside] = await Promise.all([checks(), volley({ url, connections: 64, forMs: FOR_MS, shot: signIn })]);
  for (const { hits } of [signIns, idle, busy]) {
    if (statuses(hits)[200] !== hits.length) throw new Error(`Refused: ${JSON.stringify(statuses(hits))}`);
  }
  return {
    'sign-ins': { value: signIns.hits.length / signIns.seconds, unit: '/s' },
    'session check p50, idle': { value: percentile(idle.hits, 0.5), unit: 'ms' },
    'session check p99, idle': { value: percentile(idle.hits, 0.99), unit: 'ms' },
    'session check p50, 64 sign-ins in flight': { value: percentile(busy.hits, 0.5), unit: 'ms' },
    'session check p99, 64 sign-ins in flight': { value: percentile(busy.hits, 0.99), unit: 'ms' },
    'sign-ins answered meanwhile': { value: (statuses(beside.hits)[200] ?? 0) / beside.seconds, unit: '/s' },
  };
}

function mediansOf(name: string, sights: readonly Sight[]): Figure[] {
  const [first = {}] = sights;
  return Object.entries(first).map(([what, { unit }]) =>
    seen(`${name}: ${what}`, median(sights.map((sight) => sight[what]?.value ?? Number.NaN)), unit),
  );
}

async function crowdAt({ name, url, pid, signIn }: Contender): Promise<Figure[]> {
  const base = await memoryOf(pid, 'VmRSS');
  const { hits } = await volley({ url, connections: CROWD, count: CROWD, shot: signIn });
  const { 200: admitted = 0 } = statuses(hits);
  return [
    seen(`${name}: RSS at rest`, base, 'MiB'),
    seen(`${name}: peak RSS, with ${CROWD} sign-ins at once`, await memoryOf(pid, 'VmHWM'), 'MiB'),
    seen(`${name}: of these, turned away with 503`, CROWD - admitted, 'sign-ins'),
    seen(`${name}: the slowest of these answers`, percentile(hits, 1), 'ms'),
  ];
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
