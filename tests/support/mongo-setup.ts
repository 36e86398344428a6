import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A standalone server; `null` where no MongoDB can be had. */
    mongoUri: string | null;
    /** A set of three. */
    replicaSetUri: string | null;
  }
}

/**
 * Starts a standalone MongoDB and a set of three for the run. The binary is MONGOMS_SYSTEM_BINARY, or one that
 * SALLYPORT_TEST_MONGODB=download lets the harness fetch; whichever is asked for and cannot be had is an error.
 * A plain `npm test` downloads nothing, and says what it skipped.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const allowed = process.env.MONGOMS_SYSTEM_BINARY !== undefined || process.env.SALLYPORT_TEST_MONGODB === 'download';
  if (!allowed) {
    project.provide('mongoUri', null);
    project.provide('replicaSetUri', null);
    const how = 'MongoDB: set MONGOMS_SYSTEM_BINARY to a mongod, or SALLYPORT_TEST_MONGODB=download to fetch one.';
    if (process.env.REQUIRE_ALL_ADAPTERS === '1') throw new Error(how);
    console.warn(`Skipped, every test with ${how}`);
    return undefined;
  }

  const standalone = await MongoMemoryServer.create();
  const set = await MongoMemoryReplSet.create({ replSet: { count: 3 } }).catch(async (error: unknown) => {
    await standalone.stop();
    throw error;
  });
  project.provide('mongoUri', standalone.getUri());
  project.provide('replicaSetUri', set.getUri());
  return async () => {
    await set.stop();
    await standalone.stop();
  };
}
