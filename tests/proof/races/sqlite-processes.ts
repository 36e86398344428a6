import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Call, Reply } from './sqlite-process.ts';

/** Starts processes on the SQLite file of a folder. A call to a port is done by each in turn: what is called at once runs at once. */
export async function startSqliteProcesses(folder: string, count: number) {
  const members = await Promise.all(Array.from({ length: count }, () => startMember(folder)));
  let turn = 0;
  const call = (port: string, method: string, given: readonly unknown[]) => {
    turn = (turn + 1) % members.length;
    return members[turn]?.call({ port, method, given }) ?? Promise.reject(new Error('There are no processes.'));
  };

  return {
    port<Port extends object>(name: string): Port {
      const answer = (method: string | symbol) =>
        method === 'then' ? undefined : (...given: unknown[]) => call(name, String(method), given);
      return new Proxy({} as Port, { get: (_, method) => answer(method) });
    },
    empty: () => call('tables', 'empty', []),
    stop: () => Promise.all(members.map((member) => member.stop())),
  };
}

async function startMember(folder: string) {
  const child = fork(join(import.meta.dirname, 'sqlite-process.ts'), [folder], {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  const waiting = new Map<number, Caller>();
  await begun(child);
  child.on('message', (reply: Reply) => {
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) caller?.reject(new Error(reply.error));
    else caller?.resolve(reply.value);
  });

  let calls = 0;
  return {
    call: (what: Omit<Call, 'id'>) =>
      new Promise<unknown>((resolve, reject) => {
        calls += 1;
        waiting.set(calls, { resolve, reject });
        child.send({ id: calls, ...what });
      }),
    stop: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

interface Caller {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

function begun(child: ChildProcess): Promise<unknown> {
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`A process on the SQLite file ended with ${code}.`)));
  return Promise.race([once(child, 'message'), died]);
}
