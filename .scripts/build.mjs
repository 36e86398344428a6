// Builds the service and the demo into dist. With --if-stale only when a source is newer than the last whole build.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const sources = ['src', 'apps', 'package.json', 'package-lock.json', 'tsconfig.json', '.scripts'];

if (process.argv.includes('--if-stale') && !isStale()) process.exit(0);

const began = Date.now();
// Removed first: an incremental build would call a dist with a deleted file up to date.
rmSync(dist, { recursive: true, force: true });
run('typescript/bin/tsc', ['-p', 'src']);
copyPages();
// Node and TypeScript take the nearest package.json as the scope of `#...` imports.
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ type: 'module', imports: { '#*.ts': './*.js' } }, null, 2)}\n`);
if (existsSync(join(root, 'apps/demo/vite.config.ts'))) run('vite/bin/vite.js', ['build', 'apps/demo', '--logLevel', 'warn']);
// Last, so that a build that failed half-way is stale.
writeFileSync(stamp, '');
console.log(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`);

function run(tool, parameters) {
  const require = createRequire(import.meta.url);
  const [name, ...path] = tool.split('/');
  const file = join(dirname(require.resolve(`${name}/package.json`)), ...path);
  execFileSync(process.execPath, [file, ...parameters], { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } });
}

/** Pages, styles and their scripts go along as they are. */
function copyPages() {
  for (const file of filesUnder(join(root, 'src'))) {
    if (!/\.(html|css|js|svg|txt)$/.test(file)) continue;
    const target = join(dist, relative(join(root, 'src'), file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
}

function isStale() {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return sources.some((source) => filesUnder(join(root, source)).some((file) => statSync(file).mtimeMs > built));
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}
