import type { SessionId } from '#domain/ids.ts';
import { type Session, type SessionLifetimes, sessionEnd, startSession } from '#domain/session.ts';
import { type Profile, profileOf, type User } from '#domain/user.ts';
import type { AccessTokens } from './ports/access-tokens.ts';
import type { Ids } from './ports/ids.ts';
import type { SessionRepository } from './ports/session-repository.ts';
import type { TokenMint } from './ports/token-mint.ts';

/** A token that a browser keeps in a cookie, and until when. */
export interface CookieToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What a session's browser holds: an access token for its memory, a refresh token for its cookie. */
export interface SessionGrant {
  readonly access: { readonly token: string; readonly expiresInSeconds: number };
  readonly refresh: CookieToken;
}

export interface SignedIn extends SessionGrant {
  readonly sessionId: SessionId;
  readonly profile: Profile;
  readonly device: CookieToken;
}

export interface GrantDeps {
  readonly tokens: TokenMint;
  readonly accessTokens: AccessTokens;
}

export interface SignInDeps extends GrantDeps {
  readonly sessions: SessionRepository;
  readonly ids: Ids;
  readonly policy: { readonly session: SessionLifetimes; readonly deviceMs: number };
}

/** Starts a session for somebody who has proven who they are. `deviceId` is the browser's, if it has been here before. */
export async function signIn(
  deps: SignInDeps,
  { user, deviceId, now }: { user: User; deviceId: string | null; now: Date },
): Promise<SignedIn> {
  const { sessions, tokens, ids, policy } = deps;
  const session = startSession({ id: ids.session(), userId: user.id, now, lifetimes: policy.session });
  await sessions.add(session);

  const expiresAt = new Date(now.getTime() + policy.deviceMs);
  const device = tokens.devices.seal({ email: user.email.canonical, deviceId: deviceId ?? ids.device(), expiresAt });
  return { ...(await grant(deps, session, now)), sessionId: session.id, profile: profileOf(user), device: { token: device, expiresAt } };
}

/** The tokens of a session's current generation. */
export async function grant({ tokens, accessTokens }: GrantDeps, session: Session, now: Date): Promise<SessionGrant> {
  const { id: sessionId, userId, generation } = session;
  return {
    access: await accessTokens.issue({ userId, sessionId, now }),
    refresh: { token: tokens.refresh.seal({ sessionId, generation }), expiresAt: sessionEnd(session) },
  };
}
