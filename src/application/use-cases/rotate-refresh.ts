import type { Client } from '../client.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { SessionRepository } from '../ports/session-repository.ts';
import type { RefreshToken } from '../ports/token-mint.ts';
import { type GrantDeps, grant, type SessionGrant } from '../sign-in.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { sessionBuckets } from '#domain/limits.ts';
import { err, ok, type Result } from '#domain/result.ts';
import type { Session } from '#domain/session.ts';

export interface RotateRefreshDeps extends LimitDeps, GrantDeps {
  readonly sessions: SessionRepository;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly policy: { readonly graceMs: number; readonly idleMs: number };
}

export interface RotateRefreshCommand {
  readonly refreshToken: string | null;
  readonly client: Client;
}

export type RotateRefreshError = TooManyRequests | { readonly code: 'invalid-refresh-token' };

/** Trades a refresh token for a new pair. An older token shown again ends the session. */
export class RotateRefresh {
  readonly #deps: RotateRefreshDeps;

  constructor(deps: RotateRefreshDeps) {
    this.#deps = deps;
  }

  async execute({ refreshToken, client }: RotateRefreshCommand): Promise<Result<SessionGrant, RotateRefreshError>> {
    const { tokens, clock } = this.#deps;
    const now = clock.now();
    const presented = refreshToken === null ? null : tokens.refresh.open(refreshToken);

    return withinLimits(this.#deps, sessionBuckets(presented?.sessionId ?? null, client.ip), client, async () =>
      presented === null ? err({ code: 'invalid-refresh-token' }) : this.#rotate(presented, client, now),
    );
  }

  async #rotate(presented: RefreshToken, client: Client, now: Date): Promise<Result<SessionGrant, RotateRefreshError>> {
    const { sessions, policy } = this.#deps;

    const rotation = await sessions.rotate({ ...presented, ...policy, now });
    switch (rotation.kind) {
      case 'rotated':
      case 'replayed':
        return ok(await grant(this.#deps, rotation.session, now));
      case 'reused':
        await this.#endReused(rotation.session, client, now);
        return err({ code: 'invalid-refresh-token' });
      case 'rejected':
        return err({ code: 'invalid-refresh-token' });
    }
  }

  /**
   * Thief and owner hold the same genuine token and cannot be told apart, so neither keeps the session.
   * The notice goes first: it can be written once a session, and whoever delivers it ends a session still alive.
   */
  async #endReused({ id: sessionId, userId }: Session, client: Client, now: Date): Promise<void> {
    const { sessions, outbox, ids, securityLog } = this.#deps;
    const intent = { kind: 'refresh-reuse', sessionId, userId, noticedAt: now } as const;
    await outbox.add({ id: ids.message(), key: `refresh-reuse:${sessionId}`, intent, createdAt: now });
    await sessions.end({ id: sessionId, reason: 'reuse', now });
    securityLog.record({ event: 'authn_token_reuse', userId, sessionId }, client);
  }
}
