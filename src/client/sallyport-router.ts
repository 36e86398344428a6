import type { AnyTRPCRouter } from '@trpc/server';
import type { AppRouter } from '#adapters/inbound/trpc/app-router.ts';
import type { Reason } from '#adapters/inbound/trpc/reasons.ts';

export type { Reason };

/** The router that a service without additions answers. */
export type SallyportRouter = AppRouter;

/** Sallyport's own router, or a host's that has its procedures mounted as `auth`, in plain JSON. */
export type HasSallyport = AnyTRPCRouter & {
  readonly _def: {
    readonly record: { readonly auth: AppRouter['_def']['record']['auth'] };
    readonly _config: { readonly $types: { readonly transformer: false } };
  };
};
