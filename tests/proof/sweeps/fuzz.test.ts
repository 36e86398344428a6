import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TRPC_CODES } from '#adapters/inbound/trpc/reasons.ts';
import { inForm, seed } from '../form.ts';
import { record } from '../record.ts';
import { Browser } from '../../support/browser.ts';
import { type Answer, send } from '../../support/http.ts';
import { endAllServices, healthOf, type RunningService, startService } from '../../support/service.ts';
import { PASSWORD, signedUp } from '../../support/sign-up.ts';
import { rigged } from '../faults/field.ts';
import { DatabaseWatch } from './database-watch.ts';
import { type HostileCall, misshapenCall, shapelyCall } from './hostile-calls.ts';
import { BODY_LIMIT } from './hostile-texts.ts';
import { type RawRequest, rawRequest, speak, statusesIn } from './raw-http.ts';

/** Longer than that, and one request holds up everybody else's. */
const MOST_LAG_MS = 200;
const partMs = inForm({ short: 5_000, long: 80_000 });
const bounds = { seed, numRuns: 1_000_000, interruptAfterTimeLimit: partMs, markInterruptAsFailure: false };
const timeout = { timeout: partMs + 60_000 };

/** The limiter would refuse before anything is looked at. */
const env = {
  LOG_LEVEL: 'error',
  PURGE_CRON: '0 0 1 1 *',
  UV_THREADPOOL_SIZE: '4',
  RIG: JSON.stringify({ watchLag: true }),
  ...Object.fromEntries(
    ['GLOBAL', 'REGISTER', 'LOGIN', 'LOGIN_ADDRESS', 'LOGIN_DEVICE', 'CONFIRM', 'RESEND', 'SESSION'].map((name) => [
      `LIMIT_${name}`,
      '1000000/1d',
    ]),
  ),
};
const counts = { 'misshapen calls': 0, 'calls of the right shape': 0, 'of these accepted': 0, 'raw requests': 0, 'raw answers': 0 };

let service: RunningService;
let watch: DatabaseWatch;
let port = 0;

beforeAll(async () => {
  service = await startService({ env, entry: rigged });
  port = Number(new URL(service.url).port);
  await signedUp(service.url, 'ada@example.com');
  watch = new DatabaseWatch(service.folder);
});
afterAll(endAllServices);

it('what no procedure can take is refused in one form, and changes nothing', timeout, async () => {
  await watch.settle();
  const batch = fc.array(misshapenCall, { minLength: 20, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(batch, async (calls) => {
      const answers = await Promise.all(calls.map(call));
      for (const answer of answers) expectWellFormed(answer);
      counts['misshapen calls'] += calls.length;
      expect(watch.hasChanged()).toBe(false);
    }),
    bounds,
  );
  expect(counts['misshapen calls']).toBeGreaterThan(partMs / 20);
});

it('hostile texts in the right places are taken or refused, and what is refused changes nothing', timeout, async () => {
  await watch.settle();
  await fc.assert(
    fc.asyncProperty(shapelyCall, async (hostile) => {
      const answer = await call(hostile);
      expectWellFormed(answer);
      counts['calls of the right shape'] += 1;
      if (answer.status === 200) {
        counts['of these accepted'] += 1;
        await watch.settle();
      } else expect(watch.hasChanged()).toBe(false);
    }),
    bounds,
  );
  expect(counts['of these accepted']).toBeGreaterThan(10);
  expect(counts['calls of the right shape']).toBeGreaterThan(partMs / 100);
});

it('bytes that are hardly HTTP get a refusal or none, and change nothing', timeout, async () => {
  await watch.settle();
  await fc.assert(
    fc.asyncProperty(fc.array(rawRequest, { minLength: 10, maxLength: 40 }), async (requests) => {
      for (const heard of await Promise.all(requests.map(told))) {
        const statuses = statusesIn(heard);
        counts['raw answers'] += statuses.length;
        expect(statuses.filter((status) => status >= 500)).toEqual([]);
        expect(heard).not.toMatch(/ {4}at .+:\d+:\d+|node_modules|root:x:0/);
      }
      counts['raw requests'] += requests.length;
      expect(watch.hasChanged()).toBe(false);
    }),
    bounds,
  );
  expect(counts['raw answers']).toBeGreaterThan(partMs / 50);
});

it('the service has come through it all, never busy for long, with nothing to complain of', async () => {
  expect(await healthOf(service.url)).toMatchObject({ status: 'ok' });
  expect((await new Browser(service.url).login('ada@example.com', PASSWORD)).user.email).toBe('ada@example.com');
  watch.close();
  expect(await service.stop()).toBe(0);

  const [, lag] = /"maxLagMs":([\d.]+)/.exec(service.output()) ?? [];
  await record('what was fuzzed', [{ seed, ...counts, 'longest lag, ms': Math.round(Number(lag)) }]);
  expect(Number(lag)).toBeGreaterThan(0);
  expect(Number(lag)).toBeLessThan(MOST_LAG_MS);
  const complaints = service.output().match(/^.*"level":"error".*$/gm) ?? [];
  expect({ complaints: complaints.length, first: complaints[0] }).toEqual({ complaints: 0, first: undefined });
});

function told(request: RawRequest): Promise<string> {
  return speak(port, request);
}

function call({ path, method, headers, body }: HostileCall): Promise<Answer> {
  return send(port, path, { method, headers, ...(body === null ? {} : { body }) }).catch((error: NodeJS.ErrnoException) => {
    // Refused for its length, it is not read to its end, and its sender may be hung up on before they read why.
    const isLong = (body ?? '').length + JSON.stringify(headers).length > BODY_LIMIT;
    if (error.code === 'ECONNRESET' && isLong) return { status: 413, headers: {}, cookies: [], body: '' };
    throw error;
  });
}

/** 2xx, or a 4xx whose reason a client knows; a HEAD or what Node itself refuses has no body to look at. */
function expectWellFormed({ status, headers, body }: Answer): void {
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
  expect(body).not.toMatch(/ {4}at |node_modules/);
  if (status < 400 || body === '') return;
  expect(headers['content-type']).toMatch(/^application\/json/);
  const { error } = JSON.parse(body) as { error: { message: string; data: { reason: string; httpStatus: number } } };
  expect(Object.keys(TRPC_CODES)).toContain(error.data.reason);
  expect(error).toMatchObject({ message: error.data.reason, data: { httpStatus: status } });
}
