/** The public face of `sallyport/client`. */
export { createSallyportClient, type SallyportClient, type SallyportClientOptions } from './create-sallyport-client.ts';
export type { Channel, Environment, Fetch, Locks, OpenChannel } from './environment.ts';
export { fieldErrors, reasonOf, retryAfterMs } from './errors.ts';
export type { HasSallyport, Reason, SallyportRouter } from './sallyport-router.ts';
export type { Session } from './session.ts';
export type { SessionState } from './session-store.ts';
