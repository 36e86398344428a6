import { setTimeout as sleep } from 'node:timers/promises';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inForm } from '../form.ts';
import { endAllServices, eventually } from '../../support/service.ts';
import { CLOSING_MS, type Endured, type Ground, openGround } from './ground.ts';

const times = inForm({ short: 1, long: 5 });
const frozenMs = inForm({ short: 5_000, long: 10_000 });

describe.skipIf(inject('redisUrl') === null || inject('replicaSetUri') === null)('a MongoDB of three', () => {
  let set: MongoMemoryReplSet;
  let ground: Ground;
  beforeAll(async () => {
    set = await MongoMemoryReplSet.create({ replSet: { count: 3 } });
    ground = await openGround('faults of a replica set', { MONGODB_URI: set.getUri('door') });
  });
  afterAll(async () => {
    await ground?.close();
    await endAllServices();
    await set?.stop();
  }, CLOSING_MS);

  const admin = (command: Record<string, unknown>) => ground.field.database.db!.admin().command(command);
  const asked = async (): Promise<string | null> => {
    const { primary } = await admin({ hello: 1 }).catch(() => ({ primary: undefined }));
    return typeof primary === 'string' ? primary : null;
  };
  /** Our own driver may still hold to a member that an earlier fault has ended. */
  const primary = async (): Promise<string> => {
    const found = await eventually(asked, (host) => host !== null, 10_000);
    return found ?? '';
  };
  const processOf = (host: string) => {
    const member = set.servers.find(({ instanceInfo }) => String(instanceInfo?.port) === host.split(':')[1]);
    return member?.instanceInfo?.instance.mongodProcess;
  };
  const another = (former: string) => eventually(asked, (host) => host !== null && host !== former, 10_000);
  const bounded = ({ lost, slowestMs }: Endured) => {
    expect(lost).toBe(0);
    expect(slowestMs).toBeLessThan(3_000);
  };

  it('F10 the primary steps down: at most a moment of `unavailable`', async () => {
    for (let time = 0; time < times; time += 1) {
      bounded(
        await ground.endure('F10', '`replSetStepDown` under load', async () => {
          const former = await primary();
          // The server may close the connection in place of an answer.
          await admin({ replSetStepDown: 2, force: true }).catch(() => undefined);
          await another(former);
        }),
      );
      await sleep(2_500);
    }
  });

  // Once: the engine's other members end one that was silent for so long, and two of three are needed for the next test.
  it('F10 the primary freezes: another takes over', async () => {
    bounded(
      await ground.endure('F10', `SIGSTOP of the primary for ${frozenMs / 1_000} s`, async () => {
        const former = await primary();
        processOf(former)?.kill('SIGSTOP');
        await sleep(frozenMs);
        processOf(former)?.kill('SIGCONT');
      }),
    );
  });

  it('F10 the primary is killed: another takes over', async () => {
    bounded(
      await ground.endure('F10', 'kill -9 of the primary', async () => {
        const former = await primary();
        processOf(former)?.kill('SIGKILL');
        await another(former);
      }),
    );
  });
});
