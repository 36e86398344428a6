import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parseConfig } from '#composition/config.ts';
import { runService } from '#composition/run-service.ts';

const fromFile = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
const parsed = parseConfig({ ...fromFile, ...process.env });
if (parsed.ok) await runService(parsed.value);
else {
  const lines = parsed.error.map(({ setting, problem }) => `  ${setting} ${problem}`);
  process.stderr.write(`Sallyport cannot start with these settings:\n${lines.join('\n')}\n`);
  process.exitCode = 1;
}
