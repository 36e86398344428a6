/** What a host application imports to carry Sallyport within its own Express app and tRPC router. */
export { appRouter, type AppRouter } from '#adapters/inbound/trpc/app-router.ts';
export { authRouter } from '#adapters/inbound/trpc/auth-router.ts';
export type { SallyportContext } from '#adapters/inbound/trpc/context.ts';
export { publicProcedure, router } from '#adapters/inbound/trpc/init.ts';
export { protectedProcedure } from '#adapters/inbound/trpc/protected-procedure.ts';
export type { Reason } from '#adapters/inbound/trpc/reasons.ts';
export { createLogger } from '#adapters/outbound/system/logger.ts';
export { type Config, parseConfig } from '#composition/config.ts';
export { openSallyport, type OpenSettings, type Sallyport } from '#composition/sallyport.ts';
