import type { Reason } from './sallyport-router.ts';

/** Why a call was refused, or `null` when Sallyport did not say: no network, a proxy in between, a failure of the caller. */
export function reasonOf(error: unknown): Reason | null {
  const { reason } = dataOf(error);
  // The union is the server's and closed; a newer server's reason is passed on rather than hidden.
  return typeof reason === 'string' ? (reason as Reason) : null;
}

/** What is wrong with the input: the code of the broken rule by the path of its field; empty unless the reason is `invalid-input`. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  const { fields } = dataOf(error);
  if (!isObject(fields)) return {};
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const LONGEST_MS = 60 * 60 * 1000;

/** How long the server asks to be left alone, at most an hour, or `null`. Across origins the header shows only if the server exposes it. */
export function retryAfterMs(error: unknown): number | null {
  const { retryAfterSeconds } = dataOf(error);
  const seconds = typeof retryAfterSeconds === 'number' ? retryAfterSeconds : headerSeconds(error);
  return seconds !== null && seconds >= 0 ? Math.min(seconds * 1000, LONGEST_MS) : null;
}

function headerSeconds(error: unknown): number | null {
  const meta = isObject(error) ? error.meta : null;
  const response = isObject(meta) ? meta.response : null;
  if (!(response instanceof Response)) return null;
  const header = response.headers.get('retry-after') ?? '';
  return /^\d+$/.test(header) ? Number(header) : null;
}

function dataOf(error: unknown): Record<string, unknown> {
  return isObject(error) && isObject(error.data) ? error.data : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
