import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The built service in a process and a folder of its own, as an operator would run it. */
export interface RunningService {
  readonly url: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  /** The exit code, when it has ended by itself. */
  readonly exited: Promise<number | null>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A folder to use again, so that data survives a restart. */
  readonly folder?: string;
  readonly port?: number;
  /** Do not wait until it is ready. */
  readonly eager?: boolean;
  /** Another entry than the product's own. */
  readonly entry?: string;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
const built = resolve(import.meta.dirname, '../../dist/bin.cjs');

export async function startService({ env = {}, folder, port, eager = false, entry = built }: ServiceOptions = {}): Promise<RunningService> {
  const home = folder ?? (await temporaryFolder());
  const chosen = port ?? (await freePort());
  const child = spawn(process.execPath, [entry], {
    cwd: home,
    env: { PATH: process.env.PATH, PORT: String(chosen), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));

  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));

  const service: RunningService = {
    url: env.PUBLIC_URL?.startsWith('http:') ? env.PUBLIC_URL : `http://localhost:${chosen}`,
    folder: home,
    process: child,
    exited: exited.then(([code]: unknown[]) => code as number | null),
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      return code;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
  if (!eager) await untilReady(service, `http://127.0.0.1:${chosen}`);
  return service;
}

/** Ends what a failed test left running, and removes its folders. */
export async function endAllServices(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  folders.clear();
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-'));
  folders.add(folder);
  return folder;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** What `/readyz` says. */
export async function healthOf(url: string): Promise<{ status: string; checks: Record<string, string> }> {
  return (await fetch(`${url}/readyz`)).json() as Promise<{ status: string; checks: Record<string, string> }>;
}

/** Asks again until the answer satisfies, and fails loudly when it does not in time. */
export async function eventually<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean, timeoutMs = 10_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms; last answer: ${JSON.stringify(answer)}`);
    await sleep(25);
  }
}

async function untilReady(service: RunningService, address: string): Promise<void> {
  const status = async () => {
    if (service.process.exitCode !== null) throw new Error(`the service ended:\n${service.output()}`);
    return fetch(`${address}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
  };
  await eventually(status, (code) => code === 200, 20_000).catch((error: Error) => {
    throw new Error(`${error.message}\n${service.output()}`);
  });
}
