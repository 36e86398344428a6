import type { ServiceIdentifier } from 'inversify';
import type { AccessTokens } from '#application/ports/access-tokens.ts';
import type { Clock } from '#application/ports/clock.ts';
import type { Ids } from '#application/ports/ids.ts';
import type { Lease } from '#application/ports/lease.ts';
import type { MailTransport } from '#application/ports/mail-transport.ts';
import type { Outbox } from '#application/ports/outbox.ts';
import type { PasswordBlocklist } from '#application/ports/password-blocklist.ts';
import type { PasswordHasher } from '#application/ports/password-hasher.ts';
import type { RateLimiter } from '#application/ports/rate-limiter.ts';
import type { RegistrationRepository } from '#application/ports/registration-repository.ts';
import type { SecurityLog } from '#application/ports/security-log.ts';
import type { SessionRepository } from '#application/ports/session-repository.ts';
import type { TokenMint } from '#application/ports/token-mint.ts';
import type { UserRepository } from '#application/ports/user-repository.ts';
import type { ChangeRegistrationEmail } from '#application/use-cases/change-registration-email.ts';
import type { DeliverMail } from '#application/use-cases/deliver-mail.ts';
import type { DisownRegistration } from '#application/use-cases/disown-registration.ts';
import type { GetProfile } from '#application/use-cases/get-profile.ts';
import type { GetRegistration } from '#application/use-cases/get-registration.ts';
import type { Login } from '#application/use-cases/login.ts';
import type { Logout } from '#application/use-cases/logout.ts';
import type { PurgeUnverified } from '#application/use-cases/purge-unverified.ts';
import type { RegisterUser } from '#application/use-cases/register-user.ts';
import type { ResendVerification } from '#application/use-cases/resend-verification.ts';
import type { RotateRefresh } from '#application/use-cases/rotate-refresh.ts';
import type { VerifyEmail } from '#application/use-cases/verify-email.ts';

function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol.for(`sallyport.${name}`);
}

/** Everything that the container can resolve. */
export const tokens = {
  accessTokens: token<AccessTokens>('AccessTokens'),
  blocklist: token<PasswordBlocklist>('PasswordBlocklist'),
  clock: token<Clock>('Clock'),
  hasher: token<PasswordHasher>('PasswordHasher'),
  ids: token<Ids>('Ids'),
  lease: token<Lease>('Lease'),
  limiter: token<RateLimiter>('RateLimiter'),
  outbox: token<Outbox>('Outbox'),
  registrations: token<RegistrationRepository>('RegistrationRepository'),
  securityLog: token<SecurityLog>('SecurityLog'),
  sessions: token<SessionRepository>('SessionRepository'),
  tokenMint: token<TokenMint>('TokenMint'),
  transport: token<MailTransport>('MailTransport'),
  users: token<UserRepository>('UserRepository'),

  changeRegistrationEmail: token<ChangeRegistrationEmail>('ChangeRegistrationEmail'),
  deliverMail: token<DeliverMail>('DeliverMail'),
  disownRegistration: token<DisownRegistration>('DisownRegistration'),
  getProfile: token<GetProfile>('GetProfile'),
  getRegistration: token<GetRegistration>('GetRegistration'),
  login: token<Login>('Login'),
  logout: token<Logout>('Logout'),
  purgeUnverified: token<PurgeUnverified>('PurgeUnverified'),
  registerUser: token<RegisterUser>('RegisterUser'),
  resendVerification: token<ResendVerification>('ResendVerification'),
  rotateRefresh: token<RotateRefresh>('RotateRefresh'),
  verifyEmail: token<VerifyEmail>('VerifyEmail'),
};
