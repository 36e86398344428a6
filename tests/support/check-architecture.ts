import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface Violation {
  readonly file: string;
  readonly rule: string;
  readonly what: string;
}

interface SourceFile {
  /** From the folder, with slashes: `adapters/outbound/redis/open-redis.ts`. */
  readonly path: string;
  /** The source without comments. */
  readonly code: string;
  readonly imports: readonly string[];
}

const AMBIENT = [
  ['the clock', /\bnew Date\(\s*\)|\bDate\.now\(|\bperformance\.now\(/],
  ['chance', /\bMath\.random\b/],
  ['the environment', /\bprocess\.env\b/],
] as const;

/** Every rule of the house that a file of the folder breaks, and how many files were read. */
export function checkArchitecture(folder: string): { filesRead: string[]; violations: Violation[] } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .map((path) => readSource(folder, path.replaceAll('\\', '/')));
  return {
    filesRead: files.map(({ path }) => path),
    violations: files.flatMap((file) => [...findForbiddenImports(file), ...findAmbient(file)]),
  };
}

function findForbiddenImports({ path, imports }: SourceFile): Violation[] {
  return imports.flatMap((specifier) => {
    const rule = whyForbidden(path, specifier);
    return rule === null ? [] : [{ file: path, rule, what: specifier }];
  });
}

function whyForbidden(path: string, specifier: string): string | null {
  const layer = path.split('/')[0] ?? '';
  if (/^(inversify|reflect-metadata)(\/|$)/.test(specifier)) return layer === 'composition' ? null : 'only composition knows the container';

  const target = targetOf(path, specifier);
  if (layer === 'domain') return target?.startsWith('domain/') ? null : 'domain imports domain';
  if (layer === 'application')
    return target && /^(domain|application)\//.test(target) ? null : 'application imports domain and application';
  if (target === null) return null;

  const technology = technologyOf(path);
  const theirs = technologyOf(target);
  if (technology !== null && theirs !== null && technology !== theirs) return 'a technology imports no other';
  if (path.startsWith('adapters/inbound/') && target.startsWith('adapters/outbound/')) return 'inbound imports no outbound';
  if (path.startsWith('adapters/outbound/') && target.startsWith('adapters/inbound/')) return 'outbound imports no inbound';
  if (path.startsWith('adapters/') && /^(composition|main|client|verifier)\b/.test(target))
    return 'adapters import no composition and no client';
  return null;
}

/** Adapters are told the time; only the system's know it. */
function findAmbient({ path, code }: SourceFile): Violation[] {
  const isTold = /^(domain|application|adapters\/outbound)\//.test(path) && technologyOf(path) !== 'system';
  if (!isTold) return [];
  return AMBIENT.flatMap(([name, form]) => {
    const found = form.exec(code);
    return found === null ? [] : [{ file: path, rule: `${name} comes in from outside`, what: found[0] }];
  });
}

/** `redis` for a file below adapters/outbound/redis. */
function technologyOf(path: string): string | null {
  return /^adapters\/outbound\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** The file of this folder that an import means; `null` for a package or a built-in module. */
function targetOf(path: string, specifier: string): string | null {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : null;
}

function readSource(folder: string, path: string): SourceFile {
  const code = withoutComments(readFileSync(join(folder, path), 'utf8'));
  const forms = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*(['"])([^'"\n]+)\1/g;
  return { path, code, imports: [...code.matchAll(forms)].map(([, , specifier]) => specifier ?? '') };
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
