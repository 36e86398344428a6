import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.ts';
import { mailTo } from '../support/inbox.ts';
import { endAllServices, startService, temporaryFolder } from '../support/service.ts';
import { parseConfig } from '#composition/config.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

afterAll(endAllServices);

describe('the README', () => {
  it('walks the whole flow with curl, as it stands', async () => {
    const walk = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
      .map(([, script]) => script ?? '')
      .find((script) => script.startsWith('URL='));
    const service = await startService();
    const script = (walk ?? '').replace('http://localhost:3000', service.url);
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: await temporaryFolder(), timeout: 30_000 });

    expect(stdout).toContain('"status":"check-your-inbox"');
    expect(stdout).toContain('"state":"waiting"');
    expect(stdout).toContain('"status":"verified"');
    expect(stdout).toContain('"email":"ada@example.com"');
    expect(stdout).toContain('"status":"signed-out"');
    expect(stdout.trimEnd()).toMatch(/"reason":"unauthenticated"[^\n]*$/);
  });

  it('names only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm (?:run )?([a-z][a-z:-]*)/g)].map(([, name]) => name ?? '');
    const builtIn = ['ci', 'install', 'pack'];
    expect(named.filter((name) => !builtIn.includes(name) && scripts[name] === undefined)).toEqual([]);
    expect(named.length).toBeGreaterThan(5);
  });

  it('leads only to files that there are', () => {
    const links = [...readme.matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)].map(([, path]) => path ?? '');
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

it('`keys` prints a pair that production takes', async () => {
  const { stdout } = await run(process.execPath, [join(root, 'dist/bin.cjs'), 'keys']);
  const printed = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  expect(Object.keys(printed)).toEqual(['TOKEN_KEYS', 'JWT_KEYS']);
  const mail = { SMTP_URL: 'smtp://smtp.example.com', MAIL_FROM: 'a@example.com' };
  expect(parseConfig({ NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', ...mail, ...printed }).ok).toBe(true);
});

it('settings that cannot be are refused before anything is opened, all together', async () => {
  const service = await startService({ env: { PURGE_CRON: 'often', TRUST_PROXY: 'true' }, eager: true });
  expect(await service.exited).toBe(1);
  expect(service.output()).toContain('PURGE_CRON');
  expect(service.output()).toContain('TRUST_PROXY');
});

it('reads a .env in the working folder; the environment wins over it', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, '.env'), 'APP_NAME="The Fort"\nPORT=1\nLOG_LEVEL=silent\n');
  const service = await startService({ folder });
  await new Browser(service.url).trpc.auth.register.mutate({ name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' });
  expect((await mailTo(service.url, 'ada@example.com')).subject).toContain('The Fort');
  expect(service.output()).not.toContain('sys_startup');
});
