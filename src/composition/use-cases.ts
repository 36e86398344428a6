import { ContainerModule } from 'inversify';
import { ChangeRegistrationEmail } from '#application/use-cases/change-registration-email.ts';
import { DeliverMail } from '#application/use-cases/deliver-mail.ts';
import { DisownRegistration } from '#application/use-cases/disown-registration.ts';
import { GetProfile } from '#application/use-cases/get-profile.ts';
import { GetRegistration } from '#application/use-cases/get-registration.ts';
import { Login } from '#application/use-cases/login.ts';
import { Logout } from '#application/use-cases/logout.ts';
import { PurgeUnverified } from '#application/use-cases/purge-unverified.ts';
import { RegisterUser } from '#application/use-cases/register-user.ts';
import { ResendVerification } from '#application/use-cases/resend-verification.ts';
import { RotateRefresh } from '#application/use-cases/rotate-refresh.ts';
import { VerifyEmail } from '#application/use-cases/verify-email.ts';
import type { Policies } from './policies.ts';
import { tokens as T } from './tokens.ts';

/** The use cases, each given its ports and its policy. */
export function caseModule(policies: Policies): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(T.registerUser).toResolvedValue(
      (registrations, outbox, hasher, blocklist, tokens, ids, clock, limiter, securityLog) =>
        new RegisterUser({ registrations, outbox, hasher, blocklist, tokens, ids, clock, limiter, securityLog, policy: policies.register }),
      [T.registrations, T.outbox, T.hasher, T.blocklist, T.tokenMint, T.ids, T.clock, T.limiter, T.securityLog],
    );
    bind(T.getRegistration).toResolvedValue(
      (registrations, users, tokens, clock, limiter, securityLog) =>
        new GetRegistration({ registrations, users, tokens, clock, limiter, securityLog }),
      [T.registrations, T.users, T.tokenMint, T.clock, T.limiter, T.securityLog],
    );
    bind(T.resendVerification).toResolvedValue(
      (registrations, outbox, tokens, ids, clock, limiter, securityLog) =>
        new ResendVerification({ registrations, outbox, tokens, ids, clock, limiter, securityLog, policy: policies.resend }),
      [T.registrations, T.outbox, T.tokenMint, T.ids, T.clock, T.limiter, T.securityLog],
    );
    bind(T.changeRegistrationEmail).toResolvedValue(
      (registrations, users, outbox, tokens, ids, clock, limiter, securityLog) =>
        new ChangeRegistrationEmail({ registrations, users, outbox, tokens, ids, clock, limiter, securityLog, policy: policies.resend }),
      [T.registrations, T.users, T.outbox, T.tokenMint, T.ids, T.clock, T.limiter, T.securityLog],
    );
    bind(T.disownRegistration).toResolvedValue(
      (registrations, tokens, clock, limiter, securityLog) =>
        new DisownRegistration({ registrations, tokens, clock, limiter, securityLog }),
      [T.registrations, T.tokenMint, T.clock, T.limiter, T.securityLog],
    );
    bind(T.verifyEmail).toResolvedValue(
      (registrations, users, sessions, hasher, blocklist, tokens, accessTokens, ids, clock, limiter, securityLog) =>
        new VerifyEmail({
          ...{ registrations, users, sessions, hasher, blocklist, tokens, accessTokens, ids, clock, limiter, securityLog },
          policy: policies.verify,
        }),
      [
        ...([T.registrations, T.users, T.sessions, T.hasher, T.blocklist, T.tokenMint] as const),
        ...([T.accessTokens, T.ids, T.clock, T.limiter, T.securityLog] as const),
      ],
    );
    bind(T.login).toResolvedValue(
      (users, registrations, sessions, hasher, tokens, accessTokens, ids, clock, limiter, securityLog) =>
        new Login({
          users,
          registrations,
          sessions,
          hasher,
          tokens,
          accessTokens,
          ids,
          clock,
          limiter,
          securityLog,
          policy: policies.login,
        }),
      [T.users, T.registrations, T.sessions, T.hasher, T.tokenMint, T.accessTokens, T.ids, T.clock, T.limiter, T.securityLog],
    );
    bind(T.rotateRefresh).toResolvedValue(
      (sessions, outbox, tokens, accessTokens, ids, clock, limiter, securityLog) =>
        new RotateRefresh({ sessions, outbox, tokens, accessTokens, ids, clock, limiter, securityLog, policy: policies.refresh }),
      [T.sessions, T.outbox, T.tokenMint, T.accessTokens, T.ids, T.clock, T.limiter, T.securityLog],
    );
    bind(T.logout).toResolvedValue(
      (sessions, tokens, securityLog, clock) => new Logout({ sessions, tokens, securityLog, clock }),
      [T.sessions, T.tokenMint, T.securityLog, T.clock],
    );
    bind(T.getProfile).toResolvedValue(
      (users, sessions, accessTokens, clock, limiter, securityLog) =>
        new GetProfile({ users, sessions, accessTokens, clock, limiter, securityLog }),
      [T.users, T.sessions, T.accessTokens, T.clock, T.limiter, T.securityLog],
    );
    bind(T.deliverMail).toResolvedValue(
      (outbox, registrations, users, sessions, tokens, limiter, transport, clock) =>
        new DeliverMail({
          ...{ outbox, registrations, users, sessions, tokens, limiter, transport, clock },
          random: Math.random,
          policy: policies.mail,
        }),
      [T.outbox, T.registrations, T.users, T.sessions, T.tokenMint, T.limiter, T.transport, T.clock],
    );
    bind(T.purgeUnverified).toResolvedValue(
      (registrations, sessions, outbox, securityLog, clock) =>
        new PurgeUnverified({ registrations, sessions, outbox, securityLog, clock, policy: policies.purge }),
      [T.registrations, T.sessions, T.outbox, T.securityLog, T.clock],
    );
  });
}
