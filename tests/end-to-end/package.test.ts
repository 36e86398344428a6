import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { endAllServices, temporaryFolder } from '../support/service.ts';

const execute = promisify(execFile);

/** Runs a program; when it fails, what it printed is the error. */
async function run(file: string, parameters: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<{ stdout: string }> {
  return execute(file, parameters, { ...options, maxBuffer: 32e6, timeout: 120_000 }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${file} ${parameters.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
    },
  );
}
const root = resolve(import.meta.dirname, '../..');

afterAll(endAllServices);

/** What a consumer would have beside us, at our own versions. */
const COMPANIONS = [
  'react',
  'react-dom',
  '@types/react',
  '@types/react-dom',
  '@types/node',
  '@types/express',
  '@tanstack/react-query',
  '@trpc/tanstack-react-query',
];
const TOOLS = ['express', 'typescript', 'vite', '@vitejs/plugin-react'];

it('is a package: packed, installed in an empty app, it type-checks, runs within a host and builds into a page', async () => {
  const app = await temporaryFolder();
  const packed = join(app, 'packed');
  await mkdir(packed);
  const { stdout: listing } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', packed], {
    cwd: root,
  });
  const [{ filename, files }] = JSON.parse(listing) as [{ filename: string; files: { path: string }[] }];
  const outside = files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
  expect(outside.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);

  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const versions = { ...own.devDependencies, ...own.dependencies };
  const beside = Object.fromEntries([...COMPANIONS, ...TOOLS].map((name) => [name, versions[name] ?? '*']));
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies: { ...beside, sallyport: `file:packed/${filename}` } };
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest));
  await cp(join(import.meta.dirname, 'fixtures/consumer'), app, { recursive: true });
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app });

  const strict = { strict: true, skipLibCheck: true, target: 'es2023', outDir: 'out' };
  const node = { ...strict, module: 'nodenext', lib: ['es2024', 'dom'], types: ['node'] };
  const page = { ...strict, module: 'esnext', moduleResolution: 'bundler', lib: ['es2024', 'dom'], jsx: 'react-jsx', types: [] };
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: node, files: ['host.ts'] }));
  await writeFile(join(app, 'tsconfig.page.json'), JSON.stringify({ compilerOptions: page, files: ['page.tsx'] }));
  const tsc = join(app, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: app });
  await run(process.execPath, [tsc, '-p', 'tsconfig.page.json', '--noEmit'], { cwd: app });

  const { stdout } = await run(process.execPath, ['out/host.js'], { cwd: app });
  expect(JSON.parse(stdout)).toEqual({ refusal: 'unauthenticated', notes: 'notes of Ada', userId: true });

  await run(process.execPath, [join(app, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: app,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const assets = await readdir(join(app, 'dist/assets'));
  const script = await readFile(join(app, 'dist/assets', assets.find((name) => name.endsWith('.js')) ?? ''), 'utf8');
  expect(script).not.toMatch(/argon2|mongoose|nodemailer/);

  const bin = await run(join(app, 'node_modules/.bin/sallyport'), ['keys'], { cwd: app });
  expect(bin.stdout).toMatch(/^TOKEN_KEYS=.+\nJWT_KEYS=.+\n$/);
}, 240_000);
