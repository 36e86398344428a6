import type { Locks } from './environment.ts';

/** Runs work that no other such work overlaps. `waited` tells that somebody else's came first. */
export type TakeTurns = <T>(work: (turn: { readonly waited: boolean }) => Promise<T>) => Promise<T>;

/**
 * Turns between the calls that set the refresh cookie: in all tabs of the origin where there are locks, else in this one.
 * Whoever has waited for `patienceMs` goes ahead: a tab that hangs must not keep the others from signing out, and the server
 * bears overlapping refreshes.
 */
export function takeTurns({ name, locks, patienceMs }: { name: string; locks: Locks | null; patienceMs: number }): TakeTurns {
  return locks === null ? turnsWithinTab(patienceMs) : turnsAcrossTabs(name, locks, patienceMs);
}

function turnsAcrossTabs(name: string, locks: Locks, patienceMs: number): TakeTurns {
  return async (work) => {
    let outcome: ReturnType<typeof work> | null = null;
    const go = (waited: boolean) => {
      outcome = work({ waited });
      return outcome;
    };
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), patienceMs);
    try {
      const atOnce = await locks.request(name, { ifAvailable: true }, async (lock) => (lock === null ? null : { answer: await go(false) }));
      if (atOnce !== null) return atOnce.answer;
      return await locks.request(name, { signal: patience.signal }, () => go(true));
    } catch (error) {
      if (outcome !== null) throw error;
      return await go(true);
    } finally {
      clearTimeout(timer);
    }
  };
}

function turnsWithinTab(patienceMs: number): TakeTurns {
  let last: Promise<unknown> | null = null;
  return async (work) => {
    const before = last;
    const turn = before === null ? work({ waited: false }) : settledOrLate(before, patienceMs).then(() => work({ waited: true }));
    last = turn;
    try {
      return await turn;
    } finally {
      if (last === turn) last = null;
    }
  };
}

function settledOrLate(work: Promise<unknown>, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    const settled = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(settled, settled);
  });
}
