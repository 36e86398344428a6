import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const setup = ['tests/support/mongo-setup.ts', 'tests/support/redis-setup.ts'];

export default defineConfig({
  test: {
    // On two cores as well: most files wait, for a server or for a clock.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'inside',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/end-to-end/**', 'tests/proof/**'],
          globalSetup: setup,
        },
      },
      {
        extends: true,
        test: {
          name: 'end-to-end',
          include: ['tests/end-to-end/**/*.test.ts'],
          globalSetup: setup,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'proof',
          include: ['tests/proof/**/*.test.ts'],
          globalSetup: setup,
          // Each has the machine to itself: they measure, or load it.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: { enabled: true, only: true, checker: 'tsc', include: ['tests/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
    ],
  },
});
