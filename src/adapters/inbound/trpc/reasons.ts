import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';
import type { ChangeRegistrationEmailError } from '#application/use-cases/change-registration-email.ts';
import type { DisownRegistrationError } from '#application/use-cases/disown-registration.ts';
import type { GetProfileError } from '#application/use-cases/get-profile.ts';
import type { LoginError } from '#application/use-cases/login.ts';
import type { RegisterUserError } from '#application/use-cases/register-user.ts';
import type { ResendVerificationError } from '#application/use-cases/resend-verification.ts';
import type { RotateRefreshError } from '#application/use-cases/rotate-refresh.ts';
import type { VerifyEmailError } from '#application/use-cases/verify-email.ts';

/** Everything that a use case may refuse. */
export type UseCaseError =
  | ChangeRegistrationEmailError
  | DisownRegistrationError
  | RegisterUserError
  | VerifyEmailError
  | LoginError
  | RotateRefreshError
  | GetProfileError
  | ResendVerificationError;

/** Why a call was refused: a closed union that every error carries. */
export type Reason = UseCaseError['code'] | 'forbidden-origin' | 'unavailable' | 'internal';

/** The status of each reason, in tRPC's words. A new reason without a row does not compile. */
export const TRPC_CODES = {
  'invalid-input': 'BAD_REQUEST',
  'weak-password': 'BAD_REQUEST',
  'invalid-or-expired-token': 'BAD_REQUEST',
  'invalid-credentials': 'UNAUTHORIZED',
  'invalid-refresh-token': 'UNAUTHORIZED',
  unauthenticated: 'UNAUTHORIZED',
  'email-not-verified': 'FORBIDDEN',
  'proof-required': 'FORBIDDEN',
  'forbidden-origin': 'FORBIDDEN',
  'already-verified': 'CONFLICT',
  'account-exists': 'CONFLICT',
  'too-many-requests': 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<Reason, TRPC_ERROR_CODE_KEY>;

/** What an error tells beside its reason: `fields` maps a path to a code, never to a value. */
export interface ErrorFacts {
  readonly fields?: Readonly<Record<string, string>>;
  readonly problem?: string;
  readonly email?: string;
  readonly retryAfterSeconds?: number;
}
