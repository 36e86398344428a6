import { initTRPC, TRPCError } from '@trpc/server';
import { bearerToken } from './bearer-token.ts';
import type { AccessRefusal, VerifiedAccess, Verifier } from './create-verifier.ts';

/** What the context must hold: the request's Authorization header. */
export interface AuthorizationContext {
  readonly authorization: string | undefined;
}

/** The `cause` of the error that a refused call ends in, for an errorFormatter: `reason` is as Sallyport's own. */
export class AccessRefused extends Error {
  readonly reason: AccessRefusal['code'];

  constructor(refusal: AccessRefusal) {
    super(refusal.code, refusal.code === 'unavailable' ? { cause: refusal.cause } : {});
    this.name = 'AccessRefused';
    this.reason = refusal.code;
  }
}

/**
 * A procedure that only genuine access tokens get through: `t.procedure.concat(trpcVerifier(verifier))`. Adds `ctx.access`; others
 * end in UNAUTHORIZED, or in SERVICE_UNAVAILABLE when the keys cannot be had.
 */
export function trpcVerifier(verifier: Verifier) {
  const t = initTRPC.context<AuthorizationContext>().create();
  return t.procedure.use(async ({ ctx, next }) => {
    const outcome = await verifier.verify(bearerToken(ctx.authorization));
    if (!outcome.ok) {
      const code = outcome.error.code === 'unauthenticated' ? 'UNAUTHORIZED' : 'SERVICE_UNAVAILABLE';
      throw new TRPCError({ code, message: outcome.error.code, cause: new AccessRefused(outcome.error) });
    }
    const access: VerifiedAccess = outcome.value;
    return next({ ctx: { access } });
  });
}
