import { gate, login, members, memoryOf, openDoor } from '../door.ts';
import { atMost, type Part, seen } from '../figure.ts';
import { statuses, volley } from '../load.ts';

const LOGINS = 300;

/** The most memory that a crowd of logins takes, over what the service holds at rest. */
export const measureMemory: Part = async () => {
  const service = await openDoor();
  const people = await members(service.url, 20);
  const pid = service.process.pid ?? 0;
  const base = await memoryOf(pid, 'VmRSS');
  const shot = (n: number) => login(people[n % people.length]?.email ?? '');
  const { hits } = await volley({ url: service.url, connections: LOGINS, count: LOGINS, shot });
  const peak = await memoryOf(pid, 'VmHWM');
  await service.stop();
  const { 200: ok = 0, 503: busy = 0 } = statuses(hits);
  return [
    atMost(`peak RSS with ${LOGINS} logins at once, over ${base.toFixed(0)} MiB at rest`, gate * 24 + 64, peak - base, 'MiB'),
    seen(`of these, answered \`unavailable\` by the full gate`, busy, 'logins'),
    atMost('neither answered nor told `unavailable`', 0, LOGINS - ok - busy),
  ];
};
