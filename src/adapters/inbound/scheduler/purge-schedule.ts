import { Cron } from 'croner';
import type { Clock } from '#application/ports/clock.ts';
import type { Lease } from '#application/ports/lease.ts';
import type { Purged } from '#application/use-cases/purge-unverified.ts';

export interface PurgeScheduleDeps {
  /** Five or six fields, UTC. */
  readonly cron: string;
  readonly purgeUnverified: { execute(): Promise<Purged> };
  readonly lease: Lease;
  readonly clock: Clock;
  /** Unique to this process. */
  readonly owner: string;
  /** Between two batches, for everything else. */
  readonly restMs: number;
  readonly onError: (error: unknown) => void;
}

export interface PurgeSchedule {
  /** No more runs, and the one under way is waited for. May be called twice. */
  stop(): Promise<void>;
}

const LEASE = { name: 'purge', ttlMs: 60_000 };

/**
 * Purges by the clock, one instance at a time. A tick that is missed is not made up for: what is due is found by a query,
 * so the next one does it. One that throws is told, and the next one comes.
 */
export function startPurgeSchedule({ cron, purgeUnverified, lease, clock, owner, restMs, onError }: PurgeScheduleDeps): PurgeSchedule {
  let stopping = false;
  let running: Promise<void> = Promise.resolve();

  const holdLease = () => lease.acquire({ ...LEASE, owner, now: clock.now() });
  const purgeAll = async () => {
    if (!(await holdLease())) return;
    try {
      let more = true;
      // Renewed before each batch: whoever lost the lease stops, and nobody works beside the new holder for longer than a batch.
      while (more && !stopping && (await holdLease())) {
        ({ more } = await purgeUnverified.execute());
        // A store within this process answers at once, so that without a rest nobody else would be served before the last batch.
        if (more && !stopping) await new Promise((resolve) => setTimeout(resolve, restMs));
      }
    } finally {
      await lease.release({ name: LEASE.name, owner });
    }
  };

  const job = new Cron(cron, { timezone: 'UTC', protect: true, catch: onError }, () => {
    running = purgeAll();
    return running;
  });
  return {
    stop: async () => {
      stopping = true;
      job.stop();
      // A failure of the run has been told already.
      await running.catch(() => undefined);
    },
  };
}
