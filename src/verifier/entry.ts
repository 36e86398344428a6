/** The public face of `sallyport/verify`. */
export { type AccessRefusal, createVerifier, type VerifiedAccess, type Verifier, type VerifierOptions } from './create-verifier.ts';
export { accessOf, type ExpressVerifier, expressVerifier } from './express-verifier.ts';
export { AccessRefused, type AuthorizationContext, trpcVerifier } from './trpc-verifier.ts';
