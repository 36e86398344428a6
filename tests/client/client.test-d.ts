import { initTRPC } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { authRouter } from '#adapters/inbound/trpc/auth-router.ts';
import type { SallyportContext } from '#adapters/inbound/trpc/context.ts';
import { createSallyportClient, fieldErrors, type Reason, reasonOf, type SallyportClient } from '#client/entry.ts';
import { SallyportProvider, type useLogin, type useMe, type useRegistration, type useTRPC } from '#client/react/entry.ts';

const { trpc, session } = createSallyportClient({ url: '/trpc' });

interface SignedIn {
  accessToken: string;
  expiresInSeconds: number;
  user: Profile;
}

interface Profile {
  id: string;
  name: string;
  email: string;
  createdAt: string;
  lastLoginAt: string | null;
}

test('inputs are exactly those of the contract', () => {
  type Input<Call extends (input: never) => unknown> = Parameters<Call>[0];
  expectTypeOf<Input<typeof trpc.auth.register.mutate>>().toEqualTypeOf<{ name: string; email: string; password: string }>();
  expectTypeOf<Input<typeof trpc.auth.login.mutate>>().toEqualTypeOf<{ email: string; password: string }>();
  expectTypeOf<Input<typeof trpc.auth.resendVerification.mutate>>().toEqualTypeOf<{ email?: string | undefined }>();
  expectTypeOf<Input<typeof trpc.auth.verifyEmail.mutate>>().toEqualTypeOf<{
    token: string;
    password?: string | undefined;
    newPassword?: string | undefined;
    name?: string | undefined;
  }>();
  expectTypeOf(trpc.auth.refresh.mutate).toBeCallableWith();
  expectTypeOf(trpc.auth.logout.mutate).toBeCallableWith();
  expectTypeOf(trpc.auth.me.query).toBeCallableWith();
});

test('answers are exactly those of the contract', () => {
  type Answer<Call extends (input: never) => Promise<unknown>> = Awaited<ReturnType<Call>>;
  expectTypeOf<Answer<typeof trpc.auth.register.mutate>>().toEqualTypeOf<{ status: 'check-your-inbox'; expiresInSeconds: number }>();
  expectTypeOf<Answer<typeof trpc.auth.resendVerification.mutate>>().toEqualTypeOf<{
    status: 'check-your-inbox';
    expiresInSeconds: number;
  }>();
  expectTypeOf<Answer<typeof trpc.auth.verifyEmail.mutate>>().toEqualTypeOf<{ status: 'verified'; session: SignedIn | null }>();
  expectTypeOf<Answer<typeof trpc.auth.login.mutate>>().toEqualTypeOf<SignedIn>();
  expectTypeOf<Answer<typeof trpc.auth.refresh.mutate>>().toEqualTypeOf<{ accessToken: string; expiresInSeconds: number }>();
  expectTypeOf<Answer<typeof trpc.auth.logout.mutate>>().toEqualTypeOf<{ status: 'signed-out' }>();
  expectTypeOf<Answer<typeof trpc.auth.me.query>>().toEqualTypeOf<Profile>();
  expectTypeOf<Answer<typeof trpc.auth.registration.query>>().toEqualTypeOf<{
    email: string;
    state: 'waiting' | 'confirmed';
    mail: 'queued' | 'sent' | 'held' | 'failed';
    expiresAt: string | null;
    resendAvailableAt: string;
  } | null>();
});

test('reasons are the closed union', () => {
  expectTypeOf(reasonOf(new Error())).toEqualTypeOf<Reason | null>();
  expectTypeOf<Reason>().toEqualTypeOf<
    | 'invalid-input'
    | 'weak-password'
    | 'invalid-or-expired-token'
    | 'invalid-credentials'
    | 'invalid-refresh-token'
    | 'unauthenticated'
    | 'email-not-verified'
    | 'proof-required'
    | 'forbidden-origin'
    | 'already-verified'
    | 'account-exists'
    | 'too-many-requests'
    | 'unavailable'
    | 'internal'
  >();
  expectTypeOf(fieldErrors(new Error())).toEqualTypeOf<Readonly<Record<string, string>>>();
  expectTypeOf(session.state()).toEqualTypeOf<'unknown' | 'signed-out' | 'signed-in'>();
});

test('hooks know answers and the reasons of errors', () => {
  expectTypeOf<ReturnType<typeof useMe>['data']>().toEqualTypeOf<Profile | undefined>();
  expectTypeOf<NonNullable<ReturnType<typeof useRegistration>['data']>['state']>().toEqualTypeOf<'waiting' | 'confirmed'>();
  expectTypeOf<ReturnType<typeof useLogin>['data']>().toEqualTypeOf<SignedIn | undefined>();
  type LoginProblem = NonNullable<NonNullable<ReturnType<typeof useLogin>['error']>['data']>;
  expectTypeOf<LoginProblem['reason']>().toEqualTypeOf<Reason>();
});

const t = initTRPC.context<SallyportContext & { tenant: string }>().create();
declare const auth: typeof authRouter;
const hostRouter = t.router({ auth, notes: t.router({ count: t.procedure.query(() => 7) }) });
const strangerRouter = t.router({ notes: t.procedure.query(() => 7) });

test("a host's router keeps its own procedures and Sallyport's", () => {
  const host = createSallyportClient<typeof hostRouter>({ url: '/trpc' });
  expectTypeOf(host.trpc.notes.count.query).returns.resolves.toEqualTypeOf<number>();
  expectTypeOf(host.trpc.auth.me.query).returns.resolves.toEqualTypeOf<Profile>();
  expectTypeOf(SallyportProvider<typeof hostRouter>)
    .parameter(0)
    .toHaveProperty('client')
    .toEqualTypeOf<SallyportClient<typeof hostRouter>>();
  expectTypeOf<ReturnType<typeof useTRPC<typeof hostRouter>>>().toHaveProperty('notes');
});

test("a router without Sallyport's procedures is none", () => {
  // @ts-expect-error It has no `auth`.
  createSallyportClient<typeof strangerRouter>({ url: '/trpc' });
});

test('a call that is not there, or an input that is not whole, does not compile', () => {
  // @ts-expect-error There is no such procedure.
  trpc.auth.signup;
  // @ts-expect-error The password is missing.
  (): unknown => trpc.auth.login.mutate({ email: 'ada@example.com' });
});
