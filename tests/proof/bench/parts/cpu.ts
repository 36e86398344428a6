import { fork } from 'node:child_process';
import { once } from 'node:events';
import { keepSession, me, type Member, members, refresh, unlimited } from '../door.ts';
import { atMost, type Part, seen } from '../figure.ts';
import { median, type Shot, statuses, volley } from '../load.ts';
import { freePort, temporaryFolder } from '../../../support/service.ts';

const ROUNDS = 9;
const REQUESTS = 600;

/** What a session check and a refresh cost the processor, against procedures of the same app that do nothing, in turns. */
export const measureCpu: Part = async ({ progress }) => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = { PATH: process.env.PATH, PORT: String(port), DATA_DIR: await temporaryFolder(), ...unlimited };
  const host = fork(new URL('../host.mjs', import.meta.url).pathname, { env, execArgv: [] });
  await once(host, 'message');
  const [member] = await members(url, 1);
  if (member === undefined) throw new Error('nobody signed in');

  const spent = async (): Promise<number> => {
    host.send('spent?');
    const [ms] = (await once(host, 'message')) as [number];
    return ms;
  };
  const costs: Record<string, number[]> = { look: [], me: [], touch: [], refresh: [] };
  for (let round = -1; round < ROUNDS; round += 1) {
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${ROUNDS}`);
    for (const [name, shot] of Object.entries(shots(member))) {
      const before = await spent();
      const onHit = name === 'refresh' ? (hit: Parameters<typeof keepSession>[1]) => keepSession(member, hit) : undefined;
      const { hits } = await volley({ url, connections: 1, count: REQUESTS, shot, ...(onHit && { onHit }) });
      if (statuses(hits)[200] !== REQUESTS) throw new Error(`${name}: ${JSON.stringify(statuses(hits))}`);
      if (round >= 0) costs[name]?.push(((await spent()) - before) / REQUESTS);
    }
  }
  host.kill();
  const of = (name: string) => median(costs[name] ?? []);
  return [
    atMost('CPU per `me` ÷ per empty query', 1.6, of('me') / of('look')),
    atMost('CPU per `refresh` ÷ per empty mutation', 2, of('refresh') / of('touch')),
    seen('CPU per `me`', of('me') * 1_000, 'µs'),
    seen('CPU per `refresh`', of('refresh') * 1_000, 'µs'),
  ];
};

/** Each as a signed-in browser would send it, cookies and all. */
function shots(member: Member): Record<string, () => Shot> {
  const headers = () => ({ authorization: `Bearer ${member.bearer}`, cookie: member.cookie });
  return {
    look: () => ({ path: '/trpc/nothing.look', method: 'GET', headers: headers() }),
    me: () => me(member),
    touch: () => ({ path: '/trpc/nothing.touch', headers: headers() }),
    refresh: () => refresh(member),
  };
}
