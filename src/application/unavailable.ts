/**
 * Thrown when the service cannot do now what it could do later: a dependency is gone or too slow, or a queue is full.
 * Adapters throw it with the driver's error as `cause`; the edge answers `unavailable` with Retry-After.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly retryAfterMs: number;

  constructor(what: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(what, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 2_000;
  }
}
