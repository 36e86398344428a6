import { rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { atMost, type Part } from '../figure.ts';
import { median } from '../load.ts';
import { freePort, temporaryFolder } from '../../../support/service.ts';

const TIMES = 7;
const entry = resolve(import.meta.dirname, '../../../../dist/bin.cjs');

/** From the process' start to its first answer, built: in an empty folder, where it makes its keys, and in its own. */
export const measureStart: Part = async () => {
  const folder = await temporaryFolder();
  const [first, later]: [number[], number[]] = [[], []];
  for (let time = 0; time < TIMES; time += 1) {
    await rm(`${folder}/data`, { recursive: true, force: true });
    first.push(await untilFirstAnswer(folder));
    later.push(await untilFirstAnswer(folder));
  }
  return [
    atMost('start to first answer, empty folder', 1_000, median(first), 'ms'),
    atMost('start to first answer, again', 1_000, median(later), 'ms'),
  ];
};

async function untilFirstAnswer(folder: string): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [entry], { cwd: folder, env: { PATH: process.env.PATH, PORT: String(port) }, stdio: 'ignore' });
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) break;
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const took = performance.now() - began;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return took;
}
