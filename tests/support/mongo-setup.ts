import type {} from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `null` where no MongoDB can be had. */
    mongoUri: string | null;
  }
}

export default function setup(project: TestProject): void {
  project.provide('mongoUri', null);
}
