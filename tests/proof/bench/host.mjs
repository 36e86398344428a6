// A host with the door merged in, beside a query and a mutation that do nothing, on the same app. Says over IPC what it has spent.
import { createServer } from 'node:http';
import express from 'express';
import { authRouter, createLogger, openSallyport, parseConfig, publicProcedure, router } from '../../../dist/entry.js';

const config = parseConfig(process.env);
if (!config.ok) throw new Error(JSON.stringify(config.error));
const sallyport = await openSallyport(config.value, { logger: createLogger({ level: 'warn' }) });
const app = express();
const nothing = router({ look: publicProcedure.query(() => null), touch: publicProcedure.mutation(() => null) });
app.use('/trpc', sallyport.handler(router({ auth: authRouter, nothing })));
app.use(sallyport.app);
createServer(app).listen(config.value.http.port, '127.0.0.1', () => process.send('listening'));

process.once('SIGINT', () => process.exit(0));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send((user + system) / 1_000);
});
