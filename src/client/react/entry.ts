/** The public face of `sallyport/react`. */
export { createQueryClient } from './create-query-client.ts';
export { SallyportProvider, type SallyportProviderProps, useTRPC } from './sallyport-provider.ts';
export {
  useChangeEmail,
  useDisown,
  useLogin,
  useLogout,
  useMe,
  useRegister,
  useRegistration,
  useResend,
  useVerifyEmail,
} from './use-auth.ts';
export { useSession } from './use-session.ts';
