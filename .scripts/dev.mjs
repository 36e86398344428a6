// The service and the demo, both reloading as files change. The front is Vite, so its address is the public one: links and origins fit.
import concurrently from 'concurrently';

const PUBLIC_URL = 'http://localhost:5173';

const { result } = concurrently(
  [
    { name: 'service', command: 'tsx watch src/main.ts', env: { PUBLIC_URL } },
    { name: 'demo', command: 'vite apps/demo' },
  ],
  { killOthersOn: ['failure', 'success'], prefixColors: ['green', 'blue'] },
);
await result.catch(() => {
  process.exitCode = 1;
});
