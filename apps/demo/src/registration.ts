import type { inferRouterOutputs } from '@trpc/server';
import type { SallyportRouter } from '#client/entry.ts';

/** This browser's sign-up, as the service shows it. */
export type Registration = NonNullable<inferRouterOutputs<SallyportRouter>['auth']['registration']>;
