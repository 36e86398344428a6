// The built service with rigged ports: for tests that take a defence away, stop it dead at a named point, or turn its clock.
// RIG is a JSON object:
//   killAt: "outbox.add.after"  kill -9 at the nth call of a port's method, before it or when it has been done ("#3" at the end: the third)
//   failAt: "outbox.add.after"  there the call throws instead, as when its answer is lost
//   breakIn: ["users"]          every method of these ports throws what nobody expected, with everything that it was given in the message
//   pauseAt: { "users.create.before": 200 }  milliseconds to wait at a point
//   noDummyHash: true           an unknown address costs no hash
//   clockOffsetMs: 5000         how far this instance's clock is ahead
//   watchLag: true              at the end prints how long its event loop was ever held up: {"maxLagMs":12.3}
// Importing argon2 must come after UV_THREADPOOL_SIZE, so whoever starts this gives it in the environment.
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '../../dist/application/unavailable.js';
import { parseConfig } from '../../dist/composition/config.js';
import { runService } from '../../dist/composition/run-service.js';
import { tokens } from '../../dist/composition/tokens.js';

const {
  killAt,
  failAt,
  breakIn = [],
  pauseAt = {},
  noDummyHash = false,
  clockOffsetMs = 0,
  watchLag = false,
} = JSON.parse(process.env.RIG ?? '{}');
const ports = ['registrations', 'users', 'sessions', 'outbox', 'limiter', 'transport', 'lease', 'hasher'];

const parsed = parseConfig(process.env);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
await runService(parsed.value, {
  adapt: (container) => {
    for (const name of ports) container.onActivation(tokens[name], (_, port) => rigged(name, port));
    if (noDummyHash) container.onActivation(tokens.hasher, (_, hasher) => withoutDummyHash(hasher));
    if (clockOffsetMs !== 0)
      container.onActivation(tokens.clock, (_, clock) => ({ now: () => new Date(clock.now().getTime() + clockOffsetMs) }));
  },
});
// Once it listens: starting is no request's business.
if (watchLag) startWatchingLag();

function startWatchingLag() {
  const everyMs = 5;
  let maxLagMs = 0;
  let last = { at: performance.now(), kept: keptWaitingMs() };
  setInterval(() => {
    const now = { at: performance.now(), kept: keptWaitingMs() };
    maxLagMs = Math.max(maxLagMs, now.at - last.at - everyMs - (now.kept - last.kept));
    last = now;
  }, everyMs).unref();
  process.once('exit', () => writeSync(1, `${JSON.stringify({ maxLagMs })}\n`));
}

/** How long this thread ever wanted to run while others had the processors: no fault of its own. Linux tells (in nanoseconds); elsewhere it counts as lag. */
function keptWaitingMs() {
  const statistics = '/proc/self/schedstat';
  return existsSync(statistics) ? Number(readFileSync(statistics, 'utf8').split(' ')[1]) / 1e6 : 0;
}

function rigged(name, port) {
  const counts = new Map();
  const reached = async (point) => {
    const count = (counts.get(point) ?? 0) + 1;
    counts.set(point, count);
    const is = (wanted) => wanted === point || wanted === `${point}#${count}`;
    if (pauseAt[point] !== undefined) await sleep(pauseAt[point]);
    if (is(killAt)) process.kill(process.pid, 'SIGKILL');
    if (is(failAt)) throw new Unavailable(`The rig took ${point} away.`);
  };
  return new Proxy(port, {
    get(target, method) {
      const member = Reflect.get(target, method, target);
      if (typeof member !== 'function') return member;
      return async (...parameters) => {
        if (breakIn.includes(name)) throw new Error(`broken, given ${JSON.stringify(parameters)}`, { cause: parameters });
        await reached(`${name}.${String(method)}.before`);
        const answer = await Reflect.apply(member, target, parameters);
        await reached(`${name}.${String(method)}.after`);
        return answer;
      };
    },
  });
}

function withoutDummyHash(hasher) {
  return {
    hash: (password) => hasher.hash(password),
    verify: async (stored, password) => (stored === null ? { matches: false, outdated: false } : hasher.verify(stored, password)),
  };
}
