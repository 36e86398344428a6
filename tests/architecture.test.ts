import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkArchitecture } from './support/check-architecture.ts';

const SRC = join(import.meta.dirname, '../src');

describe('the house', () => {
  const { filesRead, violations } = checkArchitecture(SRC);

  it('was read, in every layer', () => {
    for (const file of [
      'domain/registration.ts',
      'application/use-cases/login.ts',
      'adapters/inbound/trpc/app-router.ts',
      'adapters/outbound/sqlite/sqlite-outbox.ts',
      'composition/config.ts',
    ]) {
      expect(filesRead).toContain(file);
    }
    expect(filesRead.length).toBeGreaterThan(100);
  });

  it('keeps its rules', () => {
    expect(violations).toEqual([]);
  });
});

describe('a rule that is broken', () => {
  it.each([
    ['domain imports domain', 'domain/a.ts', "import type { Clock } from '#application/ports/clock.ts';"],
    ['domain imports domain', 'domain/a.ts', "import { randomBytes } from 'node:crypto';"],
    ['domain imports domain', 'domain/a.ts', "export { x } from '../application/client.ts';"],
    ['application imports domain and application', 'application/a.ts', "import { z } from 'zod';"],
    ['application imports domain and application', 'application/use-cases/a.ts', "import { X } from '#adapters/outbound/memory/x.ts';"],
    ['application imports domain and application', 'application/use-cases/a.ts', "const x = await import('../../composition/config.ts');"],
    ['a technology imports no other', 'adapters/outbound/redis/a.ts', "import { X } from '../memory/x.ts';"],
    ['a technology imports no other', 'adapters/outbound/smtp/letters/a.ts', "import { X } from '#adapters/outbound/system/x.ts';"],
    ['inbound imports no outbound', 'adapters/inbound/trpc/a.ts', "import type { X } from '#adapters/outbound/system/x.ts';"],
    ['outbound imports no inbound', 'adapters/outbound/smtp/a.ts', "import '../../inbound/express/x.ts';"],
    ['adapters import no composition and no client', 'adapters/inbound/express/a.ts', "import { X } from '#composition/config.ts';"],
    ['only composition knows the container', 'adapters/outbound/smtp/a.ts', "import { Container } from 'inversify';"],
    ['only composition knows the container', 'main.ts', "import 'reflect-metadata';"],
    ['the clock comes in from outside', 'domain/a.ts', 'export const now = () => new Date();'],
    ['the clock comes in from outside', 'application/a.ts', 'export const now = () => Date.now();'],
    ['the clock comes in from outside', 'adapters/outbound/mongo/a.ts', 'export const now = () => new Date( );'],
    ['chance comes in from outside', 'application/use-cases/a.ts', 'export const roll = Math.random;'],
    ['the environment comes in from outside', 'adapters/outbound/redis/a.ts', 'export const url = process.env.REDIS_URL;'],
  ])('%s: is found in %s', (rule, file, code) => {
    expect(violationsIn({ [file]: code })).toEqual([{ file, rule, what: expect.any(String) }]);
  });

  it('is found behind a harmless line, and in one of many files', () => {
    const files = { 'domain/a.ts': "import { b } from './b.ts';\nimport fs from 'node:fs';\n", 'domain/b.ts': 'export const b = 1;' };

    expect(violationsIn(files)).toEqual([{ file: 'domain/a.ts', rule: 'domain imports domain', what: 'node:fs' }]);
  });
});

describe('what the rules allow', () => {
  it.each([
    ['domain/a.ts', "import { b } from './b.ts';\nexport const at = (ms: number) => new Date(ms);"],
    ['application/use-cases/a.ts', "import { b } from '#domain/b.ts';\nimport type { Clock } from '../ports/clock.ts';"],
    ['adapters/outbound/redis/a.ts', "import { Redis } from 'ioredis';\nimport { b } from './b.ts';\nimport { c } from '#domain/c.ts';"],
    ['adapters/outbound/system/a.ts', 'export const now = () => new Date();'],
    ['composition/a.ts', "import 'reflect-metadata';\nimport { X } from '#adapters/outbound/redis/x.ts';\nconst { env } = process.env;"],
    ['domain/a.ts', '/** Never new Date(). */\n// nor Math.random\nexport const a = 1;'],
  ])('is left alone: %s', (file, code) => {
    expect(violationsIn({ [file]: code })).toEqual([]);
  });
});

function violationsIn(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'house-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [file, code] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  return checkArchitecture(folder).violations;
}
