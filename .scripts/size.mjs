// What `sallyport/client` adds to a page, minified and gzipped. Fails above its budget.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const BUDGET = 12_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { output } = await build({
  root,
  configFile: false,
  logLevel: 'error',
  build: {
    write: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: join(root, 'src/client/entry.ts'), preserveEntrySignatures: 'strict' },
  },
});
const bytes = output.reduce((sum, { code = '' }) => sum + gzipSync(code, { level: 9 }).length, 0);
const modules = output.flatMap(({ modules = {} }) => Object.keys(modules)).filter((id) => id.startsWith(join(root, 'src')));
const strangers = modules.filter((id) => !id.startsWith(join(root, 'src/client')));

console.log(`sallyport/client: ${bytes} bytes gzipped, of ${BUDGET}`);
if (strangers.length > 0) console.error(`Code of the server came along: ${strangers.join(', ')}`);
if (bytes > BUDGET || strangers.length > 0) process.exitCode = 1;
