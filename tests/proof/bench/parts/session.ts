import { keepSession, login, me, type Member, members, openDoor, refresh } from '../door.ts';
import { atMost, type Figure, type Part, seen } from '../figure.ts';
import { type Hit, percentile, statuses, type Volley, volley } from '../load.ts';

const FOR_MS = 12_000;
const PACE_MS = 100;

/** How long sessions wait while passwords are hashed. */
export const measureSession: Part = async ({ progress }) => {
  const service = await openDoor();
  const people = await members(service.url, 8);
  progress('idle');
  const idle = await checks(service.url, people);
  progress('with 64 logins in flight');
  const shot = (n: number) => login(people[n % people.length]?.email ?? '');
  const [busy, logins] = await Promise.all([
    checks(service.url, people),
    volley({ url: service.url, connections: 64, forMs: FOR_MS, shot }),
  ]);
  await service.stop();

  const checked = [...idle.me, ...idle.refresh, ...busy.me, ...busy.refresh];
  const { 200: admitted = 0, 503: unavailable = 0 } = statuses(logins.hits);
  const perName = (['me', 'refresh'] as const).flatMap((name): Figure[] => [
    seen(`\`${name}\` p50, idle`, percentile(idle[name], 0.5), 'ms'),
    atMost(`\`${name}\` p99, idle`, 100, percentile(idle[name], 0.99), 'ms'),
    seen(`\`${name}\` p50, 64 logins in flight`, percentile(busy[name], 0.5), 'ms'),
    atMost(`\`${name}\` p99, 64 logins in flight`, 100, percentile(busy[name], 0.99), 'ms'),
  ]);
  return [
    ...perName,
    atMost('`me` and `refresh` refused', 0, checked.length - (statuses(checked)[200] ?? 0)),
    atMost('logins neither answered nor told `unavailable`', 0, logins.hits.length - admitted - unavailable),
    seen('logins answered meanwhile', admitted / logins.seconds, '/s'),
  ];
};

/** Each looks and refreshes at a pace; a refresh is shown the token that the last one gave. */
async function checks(url: string, people: readonly Member[]): Promise<{ me: Hit[]; refresh: Hit[] }> {
  const options = { url, connections: people.length, forMs: FOR_MS, pauseMs: PACE_MS };
  const who = (connection: number) => people[connection] as Member;
  const [looks, refreshes]: [Volley, Volley] = await Promise.all([
    volley({ ...options, shot: (_, connection) => me(who(connection)) }),
    volley({
      ...options,
      shot: (_, connection) => refresh(who(connection)),
      onHit: (hit, connection) => keepSession(who(connection), hit),
    }),
  ]);
  return { me: [...looks.hits], refresh: [...refreshes.hits] };
}
