import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { TRPCClient } from '@trpc/client';
import { createTRPCContext, type TRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { createContext, createElement, type ReactNode, useContext, useEffect, useState } from 'react';
import type { SallyportClient } from '../create-sallyport-client.ts';
import type { HasSallyport, SallyportRouter } from '../sallyport-router.ts';
import type { Session } from '../session.ts';
import { createQueryClient } from './create-query-client.ts';
import { keepCacheToItsUser } from './keep-cache-to-its-user.ts';

const { TRPCProvider, useTRPC: useSallyport } = createTRPCContext<SallyportRouter>();
const SessionContext = createContext<Session | null>(null);

export interface SallyportProviderProps<Router extends HasSallyport> {
  readonly client: SallyportClient<Router>;
  /** The application's own, if it has one. Its cache is emptied when the person signs out or another signs in. */
  readonly queryClient?: QueryClient;
  readonly children?: ReactNode;
}

/** Gives the hooks below it their client. */
export function SallyportProvider<Router extends HasSallyport = SallyportRouter>(props: SallyportProviderProps<Router>): ReactNode {
  const { client, children } = props;
  const [ownQueryClient] = useState(createQueryClient);
  const queryClient = props.queryClient ?? ownQueryClient;
  useEffect(() => keepCacheToItsUser(client.session, queryClient), [client, queryClient]);

  // HasSallyport says that what the hooks call is there; the compiler cannot follow that through tRPC's mapped types.
  const trpcClient = client.trpc as unknown as TRPCClient<SallyportRouter>;
  const below = { trpcClient, queryClient, children: createElement(SessionContext.Provider, { value: client.session }, children) };
  return createElement(QueryClientProvider, { client: queryClient }, createElement(TRPCProvider, below));
}

/** Options of queries and mutations for TanStack Query; `useTRPC<HostRouter>()` for a host's own procedures. */
export function useTRPC<Router extends HasSallyport = SallyportRouter>(): TRPCOptionsProxy<Router> {
  return useSallyport() as unknown as TRPCOptionsProxy<Router>;
}

export function useSessionOfClient(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('A hook of sallyport/react was used outside of a SallyportProvider.');
  return session;
}
