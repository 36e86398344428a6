import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = join(import.meta.dirname, 'README.md');

export type Row = Readonly<Record<string, string | number>>;

/** Rows with the same keys as a Markdown table. */
function tableOf(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return 'Nothing was measured.';
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const names = Object.keys(first);
  return [line(names), line(names.map(() => '---')), ...rows.map((row) => line(names.map((name) => row[name] ?? '')))].join('\n');
}

/**
 * Prints a table, and with PROOF_RECORD=1 puts it into tests/proof/README.md, between the comments `<!-- name -->` and `<!-- /name -->`.
 */
export async function record(name: string, rows: readonly Row[]): Promise<void> {
  const table = tableOf(rows);
  console.log(`\n${name}\n${table}\n`);
  if (process.env.PROOF_RECORD !== '1') return;

  const text = await readFile(page, 'utf8');
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(opening), text.indexOf(closing)];
  if (start < 0 || end < start) throw new Error(`tests/proof/README.md has no place for "${name}".`);
  await writeFile(page, `${text.slice(0, start + opening.length)}\n${table}\n${text.slice(end)}`);
}
