import type { SallyportContext } from './context.ts';
import type { SessionGrant, SignedIn } from '#application/sign-in.ts';
import type { RegistrationView } from '#application/use-cases/get-registration.ts';
import type { Profile } from '#domain/user.ts';

/* Answers are built field by field, so that nothing leaves by being added to an object elsewhere. */

export function profileAnswer({ id, name, email, createdAt, lastLoginAt }: Profile) {
  return {
    id: id as string,
    name: name as string,
    email: email.mailbox,
    createdAt: createdAt.toISOString(),
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
  };
}

export function registrationAnswer({ email, state, mail, expiresAt, resendAvailableAt }: RegistrationView) {
  return { email, state, mail, expiresAt: expiresAt?.toISOString() ?? null, resendAvailableAt: resendAvailableAt.toISOString() };
}

export function inboxAnswer({ ttlMs }: { ttlMs: number }) {
  return { status: 'check-your-inbox' as const, expiresInSeconds: Math.floor(ttlMs / 1000) };
}

/** Sets the refresh cookie; answers the access token, which no cookie ever holds. */
export function grantAnswer({ cookies }: SallyportContext, { access, refresh }: SessionGrant) {
  cookies.set('refresh', refresh.token, refresh.expiresAt);
  return { accessToken: access.token, expiresInSeconds: access.expiresInSeconds };
}

/** Also marks the browser as one that has been here, and ends its sign-up. */
export function signedInAnswer(ctx: SallyportContext, signedIn: SignedIn) {
  ctx.cookies.set('device', signedIn.device.token, signedIn.device.expiresAt);
  ctx.cookies.clear('registration');
  return { ...grantAnswer(ctx, signedIn), user: profileAnswer(signedIn.profile) };
}
