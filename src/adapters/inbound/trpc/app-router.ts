import { authRouter } from './auth-router.ts';
import { router } from './init.ts';

/** Everything that the service answers at /trpc. */
export const appRouter = router({ auth: authRouter });

export type AppRouter = typeof appRouter;
