// Verifies one password over and over, so many at once, and says how many a second, and the milliseconds of processor that each took. Started with the thread pool of the service.
import { hash, verify } from '@node-rs/argon2';

const [concurrency, forMs] = process.argv.slice(2).map(Number);
const stored = await hash('correct horse battery', { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 });
const [began, idle] = [performance.now(), process.cpuUsage()];
let done = 0;
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (performance.now() - began < forMs) {
      await verify(stored, 'correct horse battery');
      done += 1;
    }
  }),
);
const { user, system } = process.cpuUsage(idle);
process.stdout.write(JSON.stringify({ rate: (done / (performance.now() - began)) * 1_000, cpuMs: (user + system) / 1_000 / done }));
