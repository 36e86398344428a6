import type { Cookies } from './cookies.ts';
import type { Client } from '#application/client.ts';
import type { ChangeRegistrationEmail } from '#application/use-cases/change-registration-email.ts';
import type { DisownRegistration } from '#application/use-cases/disown-registration.ts';
import type { GetProfile } from '#application/use-cases/get-profile.ts';
import type { GetRegistration } from '#application/use-cases/get-registration.ts';
import type { Login } from '#application/use-cases/login.ts';
import type { Logout } from '#application/use-cases/logout.ts';
import type { RegisterUser } from '#application/use-cases/register-user.ts';
import type { ResendVerification } from '#application/use-cases/resend-verification.ts';
import type { RotateRefresh } from '#application/use-cases/rotate-refresh.ts';
import type { VerifyEmail } from '#application/use-cases/verify-email.ts';

/** What procedures call. */
export interface UseCases {
  readonly registerUser: RegisterUser;
  readonly getRegistration: GetRegistration;
  readonly resendVerification: ResendVerification;
  readonly changeRegistrationEmail: ChangeRegistrationEmail;
  readonly disownRegistration: DisownRegistration;
  readonly verifyEmail: VerifyEmail;
  readonly login: Login;
  readonly rotateRefresh: RotateRefresh;
  readonly logout: Logout;
  readonly getProfile: GetProfile;
}

/** What a procedure is given. It names no web framework, so that a frontend which imports the router's type gets none. */
export interface SallyportContext {
  readonly useCases: UseCases;
  readonly client: Client;
  /** Of the Authorization header. */
  readonly accessToken: string | null;
  readonly cookies: Cookies;
  setHeader(name: string, value: string): void;
}

/** The token of `Authorization: Bearer ...` (RFC 6750), `null` for anything else. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1] ?? null;
}
