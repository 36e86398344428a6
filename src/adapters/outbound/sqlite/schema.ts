/**
 * The schema, a step a version: step n leads from version n to n + 1 and is never changed once released.
 * Tables are STRICT; times are milliseconds. A lease is kept as a due time in the future, so that one index finds what is due.
 */
export const SCHEMA_STEPS: readonly string[] = [
  `
  CREATE TABLE registrations (
    id TEXT PRIMARY KEY,
    root_id TEXT NOT NULL,
    name TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    canonical TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    link_key_id TEXT NOT NULL,
    link_nonce TEXT NOT NULL,
    link_secret_hash TEXT NOT NULL,
    mail TEXT NOT NULL CHECK (mail IN ('queued', 'sent', 'held', 'failed')),
    mail_requested_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    disowned_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX registrations_by_browser ON registrations (browser_hash);
  CREATE INDEX registrations_by_email ON registrations (canonical, created_at);
  CREATE INDEX registrations_by_expiry ON registrations (expires_at);
  CREATE INDEX registrations_ended ON registrations (ended_at) WHERE ended_at IS NOT NULL;

  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    canonical TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_login_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX users_by_email ON users (canonical);

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    replaced TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
  ) STRICT;
  CREATE INDEX sessions_by_idle_expiry ON sessions (idle_expires_at);
  CREATE INDEX sessions_by_absolute_expiry ON sessions (absolute_expires_at);
  CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

  CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    intent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped', 'held', 'dead')),
    due_at INTEGER NOT NULL,
    claims INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    owner TEXT,
    finished_at INTEGER,
    why TEXT
  ) STRICT;
  CREATE UNIQUE INDEX outbox_by_key ON outbox (key);
  CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
  CREATE INDEX outbox_untouched ON outbox (created_at) WHERE state = 'waiting' AND claims = 0;
  CREATE INDEX outbox_deferred ON outbox (created_at) WHERE state = 'waiting' AND failures > 0;
  CREATE INDEX outbox_finished ON outbox (state, finished_at) WHERE state <> 'waiting';
  CREATE INDEX outbox_dead ON outbox (created_at) WHERE state = 'dead';

  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  `,
];
