// better-auth as its guide begins: address and password, everything else its default, rate limit off as it is for us.
// Its memory adapter stands in for a database, which spares it every disk write.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';

const port = Number(process.env.PORT);
const auth = betterAuth({
  baseURL: `http://localhost:${port}`,
  secret: 'only for this benchmark, and long enough for it',
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});
createServer(toNodeHandler(auth)).listen(port, '127.0.0.1', () => process.send?.('listening'));
