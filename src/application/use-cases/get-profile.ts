import type { Client } from '../client.ts';
import type { AccessTokens } from '../ports/access-tokens.ts';
import type { Clock } from '../ports/clock.ts';
import type { SessionRepository } from '../ports/session-repository.ts';
import type { UserRepository } from '../ports/user-repository.ts';
import { type LimitDeps, type TooManyRequests, withinLimits } from '../within-limits.ts';
import { sessionBuckets } from '#domain/limits.ts';
import { err, ok, type Result } from '#domain/result.ts';
import { type Profile, profileOf } from '#domain/user.ts';

export interface GetProfileDeps extends LimitDeps {
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly accessTokens: AccessTokens;
  readonly clock: Clock;
}

export interface GetProfileQuery {
  readonly accessToken: string | null;
  readonly client: Client;
}

export type GetProfileError = TooManyRequests | { readonly code: 'unauthenticated' };

/** Tells whose an access token is, while its session lives: a sign-out works at once, not when the token runs out. */
export class GetProfile {
  readonly #deps: GetProfileDeps;

  constructor(deps: GetProfileDeps) {
    this.#deps = deps;
  }

  async execute({ accessToken, client }: GetProfileQuery): Promise<Result<Profile, GetProfileError>> {
    const { users, sessions, accessTokens, clock } = this.#deps;
    const now = clock.now();
    const bearer = accessToken === null ? null : await accessTokens.verify(accessToken, now);

    return withinLimits(this.#deps, sessionBuckets(bearer?.sessionId ?? null, client.ip), client, async () => {
      if (bearer === null) return err({ code: 'unauthenticated' });
      const [session, user] = await Promise.all([sessions.findAlive(bearer.sessionId, now), users.find(bearer.userId)]);
      if (user === null || session?.userId !== user.id) return err({ code: 'unauthenticated' });
      return ok(profileOf(user));
    });
  }
}
