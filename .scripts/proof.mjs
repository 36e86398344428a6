// Runs what is under tests/proof against a fresh build: `faults`, `timing`, `races` or `sweeps` in the long form, `bench`, or with --short
// the short forms of all tests. What follows is handed on: to the benchmark the parts, to the tests vitest's own options (`-t F10`).
import { execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const [what, ...rest] = process.argv.slice(2);

execFileSync(process.execPath, [join(root, '.scripts/build.mjs'), '--if-stale'], { cwd: root, stdio: 'inherit' });

const tests = ['run', '--project', 'proof', '--reporter', 'verbose'];
const command =
  what === 'bench'
    ? [require.resolve('tsx/cli'), 'tests/proof/bench/bench.ts', ...rest]
    : [
        join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs'),
        ...tests,
        ...(what === '--short' ? rest : [`tests/proof/${what}`, ...rest]),
      ];
const env = { ...process.env, ...(what === '--short' ? {} : { PROOF: 'long' }) };

const child = spawn(process.execPath, command, { cwd: root, stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));
