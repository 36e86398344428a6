import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { ZodError } from 'zod';
import { type ErrorFacts, type Reason, TRPC_CODES, type UseCaseError } from './reasons.ts';
import { Unavailable } from '#application/unavailable.ts';
import type { Result } from '#domain/result.ts';

/** A refusal on its way out: its reason and the facts that may leave. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: Reason;
  readonly facts: ErrorFacts;

  constructor(reason: Reason, facts: ErrorFacts = {}) {
    super(reason);
    this.reason = reason;
    this.facts = facts;
  }
}

/** The value of a result; its error thrown the way tRPC wants it. */
export function unwrap<T, E extends UseCaseError>(result: Result<T, E>): T {
  if (result.ok) return result.value;
  const refusal = new Refusal(result.error.code, factsOf(result.error));
  throw new TRPCError({ code: TRPC_CODES[refusal.reason], message: refusal.reason, cause: refusal });
}

/** What may be said of any error. Whatever is not one of ours is `internal`, without a word more. */
export function refusalOf(error: TRPCError): Refusal {
  const { cause } = error;
  if (cause instanceof Refusal) return cause;
  if (cause instanceof Unavailable) return new Refusal('unavailable', { retryAfterSeconds: seconds(cause.retryAfterMs) });
  // Only as tRPC's own verdict on an input: storage is parsed by zod, too, and its errors are nobody's business.
  if (error.code === 'BAD_REQUEST' && cause instanceof ZodError) return new Refusal('invalid-input', { fields: fieldsOf(cause) });
  return new Refusal(REASONS_OF_HOSTS[error.code] ?? (getHTTPStatusCodeFromError(error) >= 500 ? 'internal' : 'invalid-input'));
}

/** A host's own procedures throw tRPC's errors; what they say of the call is kept, what they say in words is not. */
const REASONS_OF_HOSTS: Partial<Record<TRPCError['code'], Reason>> = {
  UNAUTHORIZED: 'unauthenticated',
  TOO_MANY_REQUESTS: 'too-many-requests',
  SERVICE_UNAVAILABLE: 'unavailable',
};

function factsOf(error: UseCaseError): ErrorFacts {
  switch (error.code) {
    case 'invalid-input':
      return { fields: error.fields };
    case 'weak-password':
      return { problem: error.problem };
    case 'proof-required':
      return { email: error.email };
    case 'invalid-credentials':
      return 'email' in error ? { email: error.email } : {};
    case 'too-many-requests':
      return { retryAfterSeconds: seconds(error.retryAfterMs) };
    default:
      return {};
  }
}

function fieldsOf(error: ZodError): Record<string, string> {
  const entries = error.issues.flatMap(({ code, path, ...issue }): [string, string][] =>
    code === 'unrecognized_keys' && 'keys' in issue
      ? (issue.keys as string[]).slice(0, 20).map((key) => [[...path, key.slice(0, 100)].join('.'), 'unknown'])
      : [[path.join('.'), FIELD_CODES[code] ?? 'malformed']],
  );
  return Object.fromEntries(entries);
}

const FIELD_CODES: Readonly<Record<string, string>> = { invalid_type: 'required', too_big: 'too-long' };

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
