import { type Model, trusted } from 'mongoose';
import { isDuplicateKey } from './failures.ts';
import { text, time } from './fields.ts';
import type { MongoDatabase } from './mongo-database.ts';
import type { Lease } from '#application/ports/lease.ts';

interface LeaseRecord {
  _id: string;
  owner: string;
  expiresAt: Date;
}

/** Leases in MongoDB. */
export class MongoLease implements Lease {
  readonly #database: MongoDatabase;
  readonly #model: Model<LeaseRecord>;

  constructor(database: MongoDatabase) {
    this.#database = database;
    this.#model = database.model<LeaseRecord>('leases', { _id: text, owner: text, expiresAt: time });
  }

  /** An upsert that finds somebody else's lease in force tries to insert a second one, and the id stops it. */
  async acquire({ name, owner, now, ttlMs }: { name: string; owner: string; now: Date; ttlMs: number }): Promise<boolean> {
    const free = { _id: name, $or: [{ owner }, { expiresAt: trusted({ $lte: now }) }] };
    const lease = { owner, expiresAt: new Date(now.getTime() + ttlMs) };
    try {
      await this.#database.callRepeatable(() => this.#model.updateOne(free, { $set: lease }, { upsert: true }));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async release({ name, owner }: { name: string; owner: string }): Promise<void> {
    await this.#database.call(() => this.#model.deleteOne({ _id: name, owner }));
  }
}
