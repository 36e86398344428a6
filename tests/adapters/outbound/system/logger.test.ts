import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { logLines } from './log-lines.ts';
import { Unavailable } from '#application/unavailable.ts';

/** Ends lines, drives terminals, turns text around, looks like JSON. */
const FORGERY = 'canary\r\n{"level":"info"}\u0000\u001b[31m\u009b2J\u0085\u2028\u2029\u202e\u2066\u007f"}\\\ud800';

describe('a log line', () => {
  it('is JSON with the time in UTC, the level as a word, and nothing about the machine', () => {
    const { logger, lines } = logLines();
    logger.warn({ count: 1 }, 'Said.');
    expect(lines()).toEqual([
      { time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), level: 'warn', count: 1, msg: 'Said.' },
    ]);
  });

  it('cannot be broken or forged by what it tells of', () => {
    const { logger, lines, text } = logLines();
    logger.info({ path: FORGERY, [FORGERY]: 'a key', nested: { deep: [FORGERY] } }, FORGERY);
    expect(lines()).toHaveLength(1);
    expect(lines()).toMatchObject([{ level: 'info', path: expect.stringContaining('canary\r\n{"level":"info"}\u0000') }]);
    expect(text()).toMatch(/^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*\n$/u);
  });

  it.each([
    ...['password', 'newPassword', 'passwordHash', 'secret', 'secretHash', 'token', 'accessToken', 'refreshToken'],
    ...['tokenKeys', 'jwtKeys', 'TOKEN_KEYS', 'JWT_KEYS', 'cookie', 'set-cookie', 'authorization', 'MONGODB_URI', 'REDIS_URL', 'SMTP_URL'],
  ])('strikes %s out, at the top and below', (name) => {
    const { logger, text } = logLines();
    logger.info({ [name]: 'canary', headers: { [name]: ['canary'] }, request: { headers: { [name]: 'canary' } }, kept: 'kept' });
    expect(text()).toContain('"kept":"kept"');
    expect(text()).not.toContain('canary');
  });

  it('stays away below its level', () => {
    const { logger, lines } = logLines('warn');
    logger.info('Quiet.');
    expect(lines()).toEqual([]);
  });
});

describe('an error in the log', () => {
  it('shows its kind, code and place, and never its words', () => {
    const { logger, lines, text } = logLines();
    const cause = Object.assign(new TypeError('canary one\n    at canary two\ncanary three'), { code: 'ECONNRESET' });
    logger.error({ err: new Error('canary four', { cause }) }, 'A request failed.');
    expect(lines()).toMatchObject([
      {
        level: 'error',
        err: { type: 'Error', at: expect.stringContaining('logger.test.ts'), cause: { type: 'TypeError', code: 'ECONNRESET' } },
      },
    ]);
    expect(text()).not.toContain('canary');
  });

  it('says in our own words what cannot be used', () => {
    const { logger, lines, text } = logLines();
    logger.error({ err: new Unavailable('The store is gone.', { cause: new Error('canary') }) });
    expect(lines()).toMatchObject([{ err: { type: 'Unavailable', message: 'The store is gone.', cause: { type: 'Error' } } }]);
    expect(text()).not.toContain('canary');
  });

  it('may be its own cause, or no error at all', () => {
    const { logger, lines } = logLines();
    const circular = new Error('round');
    circular.cause = circular;
    logger.error({ err: circular });
    logger.error({ err: 'canary' });
    expect(lines()).toMatchObject([{ err: { type: 'Error' } }, { err: { type: 'string' } }]);
  });
});

describe('a logger on stdout', { timeout: 30_000 }, () => {
  it('costs lines and not the process when its reader goes away', async () => {
    const child = logging('process.stdin.once("data", flood);', 'pipe');
    const ended = once(child, 'exit');
    if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
    const [first] = await once(createInterface(child.stdout), 'line');
    expect(JSON.parse(String(first))).toMatchObject({ msg: 'First.' });

    const closed = once(child.stdout, 'close');
    child.stdout.destroy();
    await closed;
    child.stdin.write('go\n');
    expect(await ended).toEqual([42, null]);
  });

  it.skipIf(!existsSync('/dev/full'))('costs lines and not the process when its disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const ended = once(logging('flood();', full), 'exit');
    closeSync(full);
    expect(await ended).toEqual([42, null]);
  });
});

/** A process that logs, floods its log when told to, and leaves with 42. */
function logging(then: string, stdout: 'pipe' | number): ChildProcess {
  const script = `
    import { createLogger } from '#adapters/outbound/system/logger.ts';
    const logger = createLogger({ level: 'info' });
    logger.info('First.');
    const flood = () => {
      for (let n = 0; n < 2_000; n += 1) logger.info({ n }, 'Nobody reads this.');
      setTimeout(() => process.exit(42), 50);
    };
    ${then}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['pipe', stdout, 'inherit'] });
}
