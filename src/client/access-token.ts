/** An access token in this tab's memory. Times are milliseconds of the epoch. */
export interface AccessToken {
  readonly value: string;
  /** Whose it is, read off the token and not verified: good to tell people apart, never to admit them. */
  readonly userId: string | null;
  readonly renewAt: number;
  readonly expiresAt: number;
}

const RENEW_AT = 0.8;

/** Reads what `login` and `refresh` answer. Its life is counted from the question, so that the answer's way never makes it longer. */
export function readGrant(answer: unknown, askedAt: number): AccessToken | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { accessToken, expiresInSeconds }: { accessToken?: unknown; expiresInSeconds?: unknown } = answer;
  if (typeof accessToken !== 'string' || typeof expiresInSeconds !== 'number' || !(expiresInSeconds > 0)) return null;

  const lifeMs = expiresInSeconds * 1000;
  return { value: accessToken, userId: subjectOf(accessToken), renewAt: askedAt + lifeMs * RENEW_AT, expiresAt: askedAt + lifeMs };
}

function subjectOf(token: string): string | null {
  try {
    const [, payload = ''] = token.split('.');
    const { sub }: { sub?: unknown } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
}
