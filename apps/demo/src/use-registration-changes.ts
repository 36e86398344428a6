import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '#client/react/entry.ts';

/** Moves this browser's sign-up to another address: `mutate({ email })`. */
export function useChangeEmail() {
  const { auth } = useTRPC();
  const queryClient = useQueryClient();
  const lookAgain = () => queryClient.invalidateQueries(auth.registration.queryFilter());
  return useMutation(auth.changeRegistrationEmail.mutationOptions({ onSettled: lookAgain }));
}

/** "This wasn't me": no more mail for the sign-up of a link, `mutate({ token })`. */
export function useDisown() {
  return useMutation(useTRPC().auth.disownRegistration.mutationOptions());
}
