import { availableParallelism } from 'node:os';
import { readFile } from 'node:fs/promises';
import { fire, type Hit, type Shot } from './load.ts';
import { type RunningService, startService } from '../../support/service.ts';
import { inboxOf, tokenIn } from '../../support/inbox.ts';

export const PASSWORD = 'correct horse battery';

/** As shipped but for the limits, which one address would run into. */
export const unlimited: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'warn',
  ...Object.fromEntries(
    ['GLOBAL', 'REGISTER', 'LOGIN', 'LOGIN_ADDRESS', 'LOGIN_DEVICE', 'CONFIRM', 'RESEND', 'SESSION'].map((name) => [
      `LIMIT_${name}`,
      '1000000/15m',
    ]),
  ),
};

/** How many hashes run at once: on this machine, with the thread pool that the product's own start sets. */
export const gate = Math.max(1, Math.min(availableParallelism(), Math.max(4, availableParallelism() + 2) - 2));

export function openDoor(env: Readonly<Record<string, string>> = {}, folder?: string): Promise<RunningService> {
  return startService({ env: { ...unlimited, ...env }, ...(folder === undefined ? {} : { folder }) });
}

export const login = (email: string, password = PASSWORD): Shot => ({ path: '/trpc/auth.login', input: { email, password } });

/** A signed-in browser: what it shows with each request. */
export interface Member {
  readonly email: string;
  bearer: string;
  cookie: string;
}

export const me = ({ bearer }: Member): Shot => ({ path: '/trpc/auth.me', method: 'GET', headers: { authorization: `Bearer ${bearer}` } });
export const refresh = ({ cookie }: Member): Shot => ({ path: '/trpc/auth.refresh', headers: { cookie } });

/** Takes over what a login or a refresh has answered. */
export function keepSession(member: Member, { body, cookies }: Hit): void {
  const { result } = JSON.parse(body) as { result: { data: { accessToken?: string; session?: { accessToken: string } } } };
  member.bearer = result.data.accessToken ?? result.data.session?.accessToken ?? '';
  member.cookie = cookies.find((cookie) => cookie.includes('refresh=') && !cookie.endsWith('=')) ?? member.cookie;
}

/** People with accounts, signed in, at an embedded service. */
export async function members(url: string, count: number): Promise<Member[]> {
  const people: Member[] = [];
  const cookies = new Map<string, string>();
  const emails = Array.from({ length: count }, (_, n) => `member-${n}@example.com`);
  for (const email of emails) {
    const answer = await fire(url, undefined, { path: '/trpc/auth.register', input: { name: 'Member', email, password: PASSWORD } });
    cookies.set(email, answer.cookies.join('; '));
  }
  for (let mails = await inboxOf(url); people.length < count; mails = await inboxOf(url)) {
    for (const mail of mails) {
      const cookie = cookies.get(mail.to);
      if (cookie === undefined) continue;
      cookies.delete(mail.to);
      const answer = await fire(url, undefined, { path: '/trpc/auth.verifyEmail', input: { token: tokenIn(mail) }, headers: { cookie } });
      const member = { email: mail.to, bearer: '', cookie: '' };
      keepSession(member, answer);
      people.push(member);
    }
  }
  return people;
}

/** A line of /proc/<pid>/status in MiB: `VmRSS` is what it holds, `VmHWM` the most it ever held. */
export async function memoryOf(pid: number, line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024;
}

/** Milliseconds of processor that it has used so far, in steps of ten. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // What follows the name, which may hold blanks: fields 14 and 15 of proc(5), in hundredths of a second.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return ((user ?? 0) + (system ?? 0)) * 10;
}
