import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Figure, Part } from './figure.ts';
import { measureCpu } from './parts/cpu.ts';
import { measureLogin } from './parts/login.ts';
import { measureMail } from './parts/mail.ts';
import { measureMemory } from './parts/memory.ts';
import { measurePeer } from './parts/peer.ts';
import { measurePurge } from './parts/purge.ts';
import { measureSession } from './parts/session.ts';
import { measureStart } from './parts/start.ts';
import { measureUsers } from './parts/users.ts';
import { record } from '../record.ts';
import { endAllServices } from '../../support/service.ts';

/** In the order in which they run; by these names they can be chosen. */
const parts: Readonly<Record<string, Part>> = {
  start: measureStart,
  login: measureLogin,
  session: measureSession,
  cpu: measureCpu,
  memory: measureMemory,
  mail: measureMail,
  users: measureUsers,
  purge: measurePurge,
  peer: measurePeer,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, scale: { type: 'string', default: '1' } },
});
const scale = Number(values.scale);
const chosen = positionals.length === 0 ? Object.keys(parts) : positionals;
const unknown = chosen.filter((name) => parts[name] === undefined);
if (unknown.length > 0 || !(scale > 0 && scale <= 1)) {
  process.stderr.write(`npm run bench -- [${Object.keys(parts).join('] [')}] [--scale 0.01] [--json FILE]\n`);
  process.exit(2);
}

/** A part that breaks is a goal missed, and the others still run. */
async function figuresOf(name: string, progress: Bench['progress']): Promise<Figure[]> {
  try {
    return (await parts[name]?.({ scale, progress })) ?? [];
  } catch (error) {
    console.error(error);
    return [{ what: name, goal: 'to be measured', measured: 'broke', value: Number.NaN, met: false }];
  }
}

// The load is what others asked of the machine before: times of a run that had to share it are to be read with that in mind.
const [load = 0] = loadavg();
const memoryGiB = Math.round(totalmem() / 2 ** 30);
const machine = { cores: availableParallelism(), memoryGiB, node: process.version, loadBefore: Number(load.toFixed(1)), scale };
process.stderr.write(`${JSON.stringify(machine)}\n`);

const results: Record<string, readonly Figure[]> = {};
try {
  for (const name of chosen) {
    const began = Date.now();
    const progress = (text: string) => process.stderr.write(`  ${name}: ${text}\n`);
    process.stderr.write(`${name}\n`);
    const figures = await figuresOf(name, progress);
    results[name] = figures;
    await record(
      `bench:${name}`,
      figures.map(({ what, goal, measured, met }) => ({ what, goal, measured, met: met === null ? '' : met ? 'yes' : '**no**' })),
    );
    process.stderr.write(`  ${((Date.now() - began) / 1_000).toFixed(0)} s\n`);
  }
} finally {
  await endAllServices();
}

if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
const missed = Object.values(results)
  .flat()
  .filter(({ met }) => met === false);
process.stderr.write(`${missed.length === 0 ? 'every goal met' : `${missed.length} missed`}\n`);
process.exit(missed.length === 0 ? 0 : 1);
