import { bearerToken } from './bearer-token.ts';
import type { AccessRefusal, VerifiedAccess, Verifier } from './create-verifier.ts';

/** The parts of Express that are used: its types stay out of a service that has none. */
export interface VerifierRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

export interface VerifierResponse {
  locals: object;
  status(code: number): unknown;
  set(header: string, value: string): unknown;
  json(body: unknown): unknown;
}

export type ExpressVerifier = (request: VerifierRequest, response: VerifierResponse, next: (error?: unknown) => void) => Promise<void>;

const RETRY_AFTER_SECONDS = 5;
const accesses = new WeakMap<object, VerifiedAccess>();

/**
 * Lets requests with a genuine access token through; `accessOf(response)` then tells whose it is. Others are answered here, in the
 * shape of Sallyport's own errors: 401 with reason `unauthenticated`, or 503 with reason `unavailable` and Retry-After.
 */
export function expressVerifier(verifier: Verifier): ExpressVerifier {
  return async (request, response, next) => {
    try {
      const outcome = await verifier.verify(bearerToken(request.headers.authorization));
      if (!outcome.ok) return refuse(response, outcome.error);
      accesses.set(response.locals, outcome.value);
    } catch (error) {
      return next(error);
    }
    next();
  };
}

/** Whose request this is. Throws where no `expressVerifier` stands in front, so that a forgotten one lets nobody in. */
export function accessOf(response: Pick<VerifierResponse, 'locals'>): VerifiedAccess {
  const access = accesses.get(response.locals);
  if (access === undefined) throw new Error('No expressVerifier stands in front of this handler.');
  return access;
}

function refuse(response: VerifierResponse, refusal: AccessRefusal): void {
  const { code: reason } = refusal;
  const [httpStatus, code] = reason === 'unauthenticated' ? [401, 'UNAUTHORIZED'] : [503, 'SERVICE_UNAVAILABLE'];
  if (reason === 'unauthenticated') {
    // RFC 6750, 3.1: a request without a token is not told of an error.
    response.set('WWW-Authenticate', refusal.problem === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"');
  } else {
    response.set('Retry-After', String(RETRY_AFTER_SECONDS));
  }
  response.status(httpStatus);
  response.json({ error: { message: reason, data: { code, httpStatus, reason } } });
}
