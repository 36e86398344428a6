import type { Client } from '../client.ts';
import type { Clock } from '../ports/clock.ts';
import type { SecurityLog } from '../ports/security-log.ts';
import type { SessionRepository } from '../ports/session-repository.ts';
import type { TokenMint } from '../ports/token-mint.ts';

export interface LogoutDeps {
  readonly sessions: SessionRepository;
  readonly tokens: TokenMint;
  readonly securityLog: SecurityLog;
  readonly clock: Clock;
}

export interface LogoutCommand {
  readonly refreshToken: string | null;
  readonly client: Client;
}

/** Ends the session of any genuine refresh token, however old. May be repeated, and is never limited: one can always get out. */
export class Logout {
  readonly #deps: LogoutDeps;

  constructor(deps: LogoutDeps) {
    this.#deps = deps;
  }

  async execute({ refreshToken, client }: LogoutCommand): Promise<void> {
    const { sessions, tokens, securityLog, clock } = this.#deps;
    const now = clock.now();

    const presented = refreshToken === null ? null : tokens.refresh.open(refreshToken);
    if (presented === null) return;
    const ended = await sessions.end({ id: presented.sessionId, reason: 'logout', now });
    if (ended !== null) securityLog.record({ event: 'authn_token_revoked', userId: ended.userId, sessionId: ended.id }, client);
  }
}
