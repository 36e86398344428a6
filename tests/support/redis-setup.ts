import type {} from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `null` where no redis-server can be had. */
    redisUrl: string | null;
  }
}

export default function setup(project: TestProject): void {
  project.provide('redisUrl', null);
}
