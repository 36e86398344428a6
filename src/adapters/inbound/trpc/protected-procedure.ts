import { middleware, publicProcedure } from './init.ts';
import { unwrap } from './refusal.ts';

/** A procedure for signed-in people only: `ctx.user` is who calls. `unauthenticated` otherwise. */
export const protectedProcedure = publicProcedure.use(
  middleware(async ({ ctx, next }) => {
    const user = unwrap(await ctx.useCases.getProfile.execute(ctx));
    return next({ ctx: { user } });
  }),
);
