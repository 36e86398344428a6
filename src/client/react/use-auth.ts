import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { retryAfterMs } from '../errors.ts';
import { useTRPC } from './sallyport-provider.ts';
import { useSession } from './use-session.ts';

/**
 * What all of them have in common, whatever cache a host brings: without a network they fail now rather than sign somebody in when
 * they have long gone, and a password typed goes with the form it was typed in, not five minutes later.
 */
const AT_ONCE = { networkMode: 'always', gcTime: 0 } as const;
const POLL_MS = 5000;

/** Signs up. `mutate({ name, email, password })`; see `useRegistration` for what comes then. */
export function useRegister() {
  const afterwards = useRegistrationRefetch();
  return useMutation(useTRPC().auth.register.mutationOptions({ ...AT_ONCE, onSuccess: afterwards }));
}

/** This browser's sign-up: asked again every 5 s while it waits and the tab is looked at. `data` is `null` when there is none. */
export function useRegistration() {
  return useQuery(
    useTRPC().auth.registration.queryOptions(undefined, {
      refetchInterval: ({ state: { data, error } }) => (data?.state === 'waiting' ? (retryAfterMs(error) ?? POLL_MS) : false),
    }),
  );
}

/** Asks for the mail once more: `mutate({ email })`, or `mutate({})` for this browser's sign-up. */
export function useResend() {
  const afterwards = useRegistrationRefetch();
  return useMutation(useTRPC().auth.resendVerification.mutationOptions({ ...AT_ONCE, onSuccess: afterwards }));
}

/** Moves this browser's sign-up to another address: `mutate({ email })`. */
export function useChangeEmail() {
  const afterwards = useRegistrationRefetch();
  return useMutation(useTRPC().auth.changeRegistrationEmail.mutationOptions({ ...AT_ONCE, onSettled: afterwards }));
}

/** "This wasn't me": no more mail for the sign-up of a link, `mutate({ token })`. */
export function useDisown() {
  return useMutation(useTRPC().auth.disownRegistration.mutationOptions(AT_ONCE));
}

/** Confirms a mailbox and signs in: `mutate({ token })`, with `password`, or `newPassword` and `name`, after `proof-required`. */
export function useVerifyEmail() {
  const afterwards = useRegistrationRefetch();
  return useMutation(useTRPC().auth.verifyEmail.mutationOptions({ ...AT_ONCE, onSuccess: afterwards }));
}

/** Signs in: `mutate({ email, password })`. */
export function useLogin() {
  const afterwards = useRegistrationRefetch();
  return useMutation(useTRPC().auth.login.mutationOptions({ ...AT_ONCE, onSuccess: afterwards }));
}

/** Signs out, in all tabs. An error means that the server could not be told, and that the person is still signed in. */
export function useLogout() {
  return useMutation(useTRPC().auth.logout.mutationOptions(AT_ONCE));
}

/** Who is signed in; waits while nobody is. */
export function useMe() {
  const { state } = useSession();
  return useQuery(useTRPC().auth.me.queryOptions(undefined, { enabled: state === 'signed-in' }));
}

function useRegistrationRefetch(): () => Promise<void> {
  const queryClient = useQueryClient();
  const filter = useTRPC().auth.registration.queryFilter();
  return () => queryClient.invalidateQueries(filter);
}
