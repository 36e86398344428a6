import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const service = `http://127.0.0.1:${process.env.PORT ?? '3000'}`;
// Whatever is not a page of the demo.
const proxied = Object.fromEntries(['/trpc', '/dev', '/pages', '/healthz', '/readyz', '/.well-known'].map((path) => [path, service]));

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../../dist/demo',
    emptyOutDir: true,
    // The page's policy allows neither inline code nor inline assets.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: 'localhost', port: 5173, strictPort: true, proxy: proxied },
});
