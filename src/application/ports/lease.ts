/** Lets one instance at a time do a job. */
export interface Lease {
  /**
   * Takes the named lease until `now + ttlMs`: true for its holder and for whoever comes when it has run out,
   * of any number of concurrent callers for exactly one. The holder may take it again, which prolongs it.
   */
  acquire(lease: { name: string; owner: string; now: Date; ttlMs: number }): Promise<boolean>;

  /** Gives the lease up at once. Nothing happens if `owner` does not hold it. */
  release(lease: { name: string; owner: string }): Promise<void>;
}
