import type { Lease } from '#application/ports/lease.ts';

/** Leases in this process. */
export class MemoryLease implements Lease {
  readonly #leases = new Map<string, { owner: string; until: number }>();

  async acquire({ name, owner, now, ttlMs }: { name: string; owner: string; now: Date; ttlMs: number }): Promise<boolean> {
    const held = this.#leases.get(name);
    if (held !== undefined && held.owner !== owner && held.until > now.getTime()) return false;
    this.#leases.set(name, { owner, until: now.getTime() + ttlMs });
    return true;
  }

  async release({ name, owner }: { name: string; owner: string }): Promise<void> {
    if (this.#leases.get(name)?.owner === owner) this.#leases.delete(name);
  }
}
