import { createSallyportClient, type SallyportClient } from '#client/entry.ts';

/** The client of this page. */
export const client = createSallyportClient({ url: '/trpc' });

/**
 * The same client, but nothing leaves by itself, not even the question whether somebody is signed in. For the page behind a mailed
 * link: machines open those, and nothing may be sent before a person presses.
 */
export const quietClient: SallyportClient = {
  ...client,
  session: { state: () => 'unknown', userId: () => null, subscribe: () => () => undefined, accessToken: async () => null },
};
