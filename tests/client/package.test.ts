import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

describe('sallyport as a package', () => {
  let app: string;

  beforeAll(() => {
    app = mkdtempSync(join(tmpdir(), 'sallyport-app-'));
    const packages = join(app, 'node_modules');
    const sallyport = join(packages, 'sallyport');
    mkdirSync(sallyport, { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) symlinkSync(join(root, 'node_modules', name), join(packages, name));
    cpSync(join(root, 'package.json'), join(sallyport, 'package.json'));
    spawnSync(process.execPath, [tsc, '-p', join(root, 'src'), '--emitDeclarationOnly', '--outDir', join(sallyport, 'dist')]);
    writeFileSync(join(sallyport, 'dist/package.json'), '{"type":"module","imports":{"#*.ts":"./*.js"}}');
  }, 60_000);

  afterAll(() => rmSync(app, { recursive: true }));

  /** What the compiler has to say of a frontend or a service that imports it. */
  function check(source: string, options: readonly string[]): string {
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    writeFileSync(join(app, 'app.ts'), source);
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--target', 'es2022', '--module'];
    const { stdout } = spawnSync(process.execPath, [tsc, join(app, 'app.ts'), '--ignoreConfig', ...strict, ...options], {
      encoding: 'utf8',
    });
    return stdout;
  }

  const inBrowser = ['--lib', 'es2022,dom', '--types', ''];
  const frontend = `
    import { createSallyportClient, reasonOf } from 'sallyport/client';
    import { useMe } from 'sallyport/react';
    const { trpc } = createSallyportClient({ url: '/trpc', fetch, locks: navigator.locks });
    const email: string = (await trpc.auth.me.query()).email;
    const shown: string | undefined = useMe().data?.name;
    // @ts-expect-error Answers are typed.
    const wrong: number = (await trpc.auth.me.query()).email;
    // @ts-expect-error So are reasons.
    reasonOf(new Error()) === 'no-such-reason';
    // @ts-expect-error Node's types stay away.
    Buffer.from(email + shown + wrong);
    // @ts-expect-error
    process.exit();
  `;

  it.each([
    ['nodenext', ['nodenext']],
    ['a bundler', ['esnext', '--moduleResolution', 'bundler']],
  ])('types a frontend, and brings no types of Node into it, under %s', (_, resolution) => {
    expect(check(frontend, [...resolution, ...inBrowser])).toBe('');
  });

  it('types a service that verifies tokens with Express and tRPC', () => {
    const service = `
      import { initTRPC } from '@trpc/server';
      import express from 'express';
      import { accessOf, createVerifier, expressVerifier, trpcVerifier } from 'sallyport/verify';
      const verifier = createVerifier({ issuer: 'https://door.example.com' });
      express().get('/', expressVerifier(verifier), (_request, response) => { response.json(accessOf(response).userId); });
      const t = initTRPC.context<{ authorization: string | undefined }>().create();
      t.procedure.concat(trpcVerifier(verifier)).query(({ ctx }) => ctx.access.sessionId satisfies string);
      // @ts-expect-error There is no such fact.
      t.procedure.concat(trpcVerifier(verifier)).query(({ ctx }) => ctx.access.role);
    `;
    expect(check(service, ['nodenext', '--types', 'node'])).toBe('');
  });
});

it('the client stays within its size, without any code of the server', () => {
  const env = { ...process.env, NODE_ENV: 'production' };
  expect(execFileSync(process.execPath, [join(root, '.scripts/size.mjs')], { env, encoding: 'utf8' })).toMatch(
    /^sallyport\/client: \d+ bytes/,
  );
});
