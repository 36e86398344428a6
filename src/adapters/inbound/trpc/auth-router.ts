import { grantAnswer, inboxAnswer, profileAnswer, registrationAnswer, signedInAnswer } from './answers.ts';
import { publicProcedure, router } from './init.ts';
import { changeEmailInput, disownInput, loginInput, registerInput, resendInput, verifyEmailInput } from './inputs.ts';
import { protectedProcedure } from './protected-procedure.ts';
import { unwrap } from './refusal.ts';

/** The whole flow: sign up, prove the mailbox, sign in, stay signed in, get out. */
export const authRouter = router({
  register: publicProcedure.input(registerInput).mutation(async ({ ctx, input }) => {
    const receipt = unwrap(await ctx.useCases.registerUser.execute({ ...input, client: ctx.client }));
    ctx.cookies.set('registration', receipt.browser.token, receipt.browser.expiresAt);
    return inboxAnswer(receipt);
  }),

  registration: publicProcedure.query(async ({ ctx }) => {
    const view = unwrap(await ctx.useCases.getRegistration.execute({ browserSecret: ctx.cookies.get('registration'), client: ctx.client }));
    return view === null ? null : registrationAnswer(view);
  }),

  resendVerification: publicProcedure.input(resendInput).mutation(async ({ ctx, input }) => {
    const { cookies, client, useCases } = ctx;
    const command = { email: input.email ?? null, browserSecret: cookies.get('registration'), client };
    return inboxAnswer(unwrap(await useCases.resendVerification.execute(command)));
  }),

  changeRegistrationEmail: publicProcedure.input(changeEmailInput).mutation(async ({ ctx, input }) => {
    const command = { ...input, browserSecret: ctx.cookies.get('registration'), client: ctx.client };
    const receipt = unwrap(await ctx.useCases.changeRegistrationEmail.execute(command));
    ctx.cookies.set('registration', receipt.browser.token, receipt.browser.expiresAt);
    return inboxAnswer(receipt);
  }),

  disownRegistration: publicProcedure.input(disownInput).mutation(async ({ ctx, input }) => {
    unwrap(await ctx.useCases.disownRegistration.execute({ ...input, client: ctx.client }));
    return { status: 'disowned' as const };
  }),

  verifyEmail: publicProcedure.input(verifyEmailInput).mutation(async ({ ctx, input }) => {
    const { token, password = null, newPassword = null, name = null } = input;
    const proof = { password, newPassword, name, browserSecret: ctx.cookies.get('registration') };
    const signedIn = unwrap(await ctx.useCases.verifyEmail.execute({ token, ...proof, client: ctx.client }));
    return { status: 'verified' as const, session: signedIn === null ? null : signedInAnswer(ctx, signedIn) };
  }),

  login: publicProcedure.input(loginInput).mutation(async ({ ctx, input }) => {
    const browser = { browserSecret: ctx.cookies.get('registration'), deviceToken: ctx.cookies.get('device') };
    return signedInAnswer(ctx, unwrap(await ctx.useCases.login.execute({ ...input, ...browser, client: ctx.client })));
  }),

  // A refusal leaves the cookie alone: it may answer an old request, and the browser may hold a newer cookie by then.
  refresh: publicProcedure.mutation(async ({ ctx }) => {
    const command = { refreshToken: ctx.cookies.get('refresh'), client: ctx.client };
    return grantAnswer(ctx, unwrap(await ctx.useCases.rotateRefresh.execute(command)));
  }),

  logout: publicProcedure.mutation(async ({ ctx }) => {
    await ctx.useCases.logout.execute({ refreshToken: ctx.cookies.get('refresh'), client: ctx.client });
    ctx.cookies.clear('refresh');
    // The cache only: more would clear what belongs to the host's application.
    ctx.setHeader('Clear-Site-Data', '"cache"');
    return { status: 'signed-out' as const };
  }),

  me: protectedProcedure.query(({ ctx }) => profileAnswer(ctx.user)),
});
