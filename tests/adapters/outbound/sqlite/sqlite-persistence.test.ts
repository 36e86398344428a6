import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeLeaseContract } from '../../../contracts/lease.contract.ts';
import type { Open } from '../../../contracts/opened.ts';
import { describeOutboxContract } from '../../../contracts/outbox.contract.ts';
import { describeRegistrationRepositoryContract } from '../../../contracts/registration-repository.contract.ts';
import { describeSessionRepositoryContract } from '../../../contracts/session-repository.contract.ts';
import { describeUserRepositoryContract } from '../../../contracts/user-repository.contract.ts';
import { aMessage, aSession, at, aUser, MINUTE } from '../../../support/builders.ts';
import { openSqlite } from '#adapters/outbound/sqlite/open-sqlite.ts';
import type { SqliteDatabase } from '#adapters/outbound/sqlite/sqlite-database.ts';
import { SqliteLease } from '#adapters/outbound/sqlite/sqlite-lease.ts';
import { SqliteOutbox } from '#adapters/outbound/sqlite/sqlite-outbox.ts';
import { SqliteRegistrationRepository } from '#adapters/outbound/sqlite/sqlite-registration-repository.ts';
import { SqliteSessionRepository } from '#adapters/outbound/sqlite/sqlite-session-repository.ts';
import { SqliteUserRepository } from '#adapters/outbound/sqlite/sqlite-user-repository.ts';
import { Unavailable } from '#application/unavailable.ts';

function onDisk<T>(make: (database: SqliteDatabase) => T): Open<T> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'));
    const { database, close } = openSqlite(folder);
    return {
      adapter: make(database),
      close: () => {
        close();
        rmSync(folder, { recursive: true });
      },
    };
  };
}

describeRegistrationRepositoryContract(
  'SQLite',
  onDisk((database) => new SqliteRegistrationRepository(database)),
);
describeUserRepositoryContract(
  'SQLite',
  onDisk((database) => new SqliteUserRepository(database)),
);
describeSessionRepositoryContract(
  'SQLite',
  onDisk((database) => new SqliteSessionRepository(database)),
);
describeOutboxContract(
  'SQLite',
  onDisk((database) => new SqliteOutbox(database)),
);
describeLeaseContract(
  'SQLite',
  onDisk((database) => new SqliteLease(database)),
);

describe('the SQLite file', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'sallyport-sqlite-')), 'data');
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  it("is made for the service's own user alone, in a folder likewise", () => {
    openSqlite(folder).close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'sallyport.db')).mode & 0o777).toBe(0o600);
  });

  it('acknowledges what is on disk: WAL, synchronous FULL', () => {
    const { database, close } = openSqlite(folder);
    expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
    close();
  });

  it('keeps what it was given when opened again, and may be closed twice', async () => {
    const first = openSqlite(folder);
    const user = aUser();
    await new SqliteUserRepository(first.database).create(user);
    first.close();
    first.close();
    expect(first.isHealthy()).toBe(false);
    const second = openSqlite(folder);
    expect(second.isHealthy()).toBe(true);
    expect(await new SqliteUserRepository(second.database).find(user.id)).toEqual(user);
    second.close();
  });

  it('is not touched when a newer version wrote it', () => {
    openSqlite(folder).close();
    const driver = new Libsql(join(folder, 'sallyport.db'));
    driver.exec('PRAGMA user_version = 99');
    driver.close();
    expect(() => openSqlite(folder)).toThrow(/newer version.*Start that version/);
  });

  it('decides by the file, not by the process: two connections race like one', async () => {
    const [one, two] = [openSqlite(folder), openSqlite(folder)];
    const [here, there] = [new SqliteSessionRepository(one.database), new SqliteSessionRepository(two.database)];
    const session = aSession();
    await here.add(session);
    const rotations = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? here : there).rotate({ sessionId: session.id, generation: 1, now: at(0), graceMs: MINUTE, idleMs: MINUTE }),
      ),
    );
    expect(rotations.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
    one.close();
    two.close();
  });

  it('is opened while another process that has just made it writes to it', async () => {
    const holding = `
      import Libsql from 'libsql';
      const driver = new Libsql(process.argv[1]);
      driver.exec('BEGIN IMMEDIATE');
      console.log('writing');
      setTimeout(() => driver.exec('COMMIT'), 300);`;
    const elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'));
    const other = spawn(process.execPath, ['--input-type=module', '-e', holding, join(elsewhere, 'sallyport.db')]);
    await once(other.stdout, 'data');
    const began = performance.now();
    const { isHealthy, close } = openSqlite(elsewhere);
    expect(isHealthy()).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(100);
    close();
    rmSync(elsewhere, { recursive: true });
  });

  it('is swept by its indexes, never by a look at every row', () => {
    openSqlite(folder).close();
    const driver = new Libsql(join(folder, 'sallyport.db'));
    const dead = {
      registrations: '(expires_at <= 1 OR ended_at > 0)',
      sessions: '(idle_expires_at <= 1 OR absolute_expires_at <= 1 OR ended_at > 0)',
      outbox: "state <> 'waiting' AND state IN ('sent', 'dropped', 'held') AND finished_at < 1",
    };
    for (const [table, where] of Object.entries(dead)) {
      const plan = driver.prepare(`EXPLAIN QUERY PLAN SELECT id FROM ${table} WHERE ${where} LIMIT 5`).all() as { detail: string }[];
      expect(plan.map(({ detail }) => detail).join()).not.toContain('SCAN');
    }
    driver.close();
  });

  it('is unavailable while somebody else writes for too long', async () => {
    const { database, close } = openSqlite(folder);
    const users = new SqliteUserRepository(database);
    const other = new Libsql(join(folder, 'sallyport.db'));
    other.exec('BEGIN IMMEDIATE');
    await expect(users.create(aUser())).rejects.toThrow(Unavailable);
    other.exec('ROLLBACK');
    expect(await users.create(aUser())).toBe('created');
    other.close();
    close();
  });

  it('lets a message that nobody can read stop no other', async () => {
    const { database, close } = openSqlite(folder);
    const outbox = new SqliteOutbox(database);
    for (let n = 0; n < 3; n += 1) await outbox.add(aMessage({ key: `poison-${n}`, createdAt: at(n) }));
    const poisons = [
      'not json',
      '{"kind":"registration"}',
      '{"kind":"address","email":{"mailbox":"a@b.example\\r\\nBcc: c@d.example","canonical":"a@b.example"},"network":"n"}',
    ];
    for (const [n, intent] of poisons.entries()) {
      database.prepare('UPDATE outbox SET intent = :intent WHERE key = :key').run({ intent, key: `poison-${n}` });
    }
    await outbox.add(aMessage({ key: 'good', createdAt: at(10) }));
    expect((await outbox.claim({ owner: 'worker', now: at(20), leaseMs: MINUTE }))?.key).toBe('good');
    expect(database.prepare("SELECT count(*) AS dead FROM outbox WHERE state = 'dead'").get()).toMatchObject({ dead: 3 });
    close();
  });
});
