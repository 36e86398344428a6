import { fieldErrors, reasonOf } from '#client/entry.ts';

/** What a refusal means for the person, and what to do next; `null` when the fields of the form say it. */
export function refusalWords(error: unknown): string | null {
  switch (reasonOf(error)) {
    case 'weak-password':
      return null;
    case 'invalid-input':
      return Object.keys(fieldErrors(error)).length > 0
        ? null
        : 'Something in this form was not understood. Check what you typed and try again.';
    case 'invalid-credentials':
      return 'That address and password do not go together. Check both, or sign up if you have no account yet.';
    case 'too-many-requests':
      return 'Too many tries for now. Nothing is lost: the button works again when its countdown ends.';
    case 'unavailable':
      return 'The service is busy at the moment. Nothing was changed: try again in a few seconds.';
    case 'already-verified':
      return 'This sign-up was confirmed in the meantime. You can sign in with its password.';
    case 'forbidden-origin':
      return 'This page was opened under an address that the service does not know as its own. Open it under its usual address.';
    case null:
      return 'The service cannot be reached. Check your connection and try again; what you typed is still here.';
    default:
      return 'That did not work, and it is our fault. Try again in a moment.';
  }
}

/** What is wrong with each field, by its name, in words; empty when the refusal is about something else. */
export function fieldWords(error: unknown): Readonly<Record<string, string>> {
  if (reasonOf(error) === 'weak-password') {
    const words = weakPasswordWords(problemOf(error));
    return { password: words, newPassword: words };
  }
  return Object.fromEntries(Object.entries(fieldErrors(error)).map(([path, code]) => [path, wordsFor(path, code)]));
}

function wordsFor(path: string, code: string): string {
  if (code === 'too-long') return 'This is too long.';
  if (path === 'email') return 'This is not an address that mail can be sent to. It looks like name@example.com.';
  if (path === 'name') return code === 'malformed' ? 'A name cannot hold control characters.' : 'Tell us what to call you.';
  if (path === 'password' || path === 'newPassword') return 'This password cannot be used: at most 256 characters.';
  return 'This was not understood.';
}

function weakPasswordWords(problem: string): string {
  switch (problem) {
    case 'too-short':
      return 'Too short: use at least 8 characters. Three or four random words are easy to remember and hard to guess.';
    case 'too-common':
      return 'This is among the passwords that are tried first. Put a few unrelated words together instead.';
    case 'context-word':
      return 'Too close to your name, your address or ours. Choose something that has nothing to do with them.';
    default:
      return 'This password is too easy to guess. Choose a longer one.';
  }
}

function problemOf(error: unknown): string {
  const { data }: { data?: { problem?: unknown } | null } = typeof error === 'object' && error !== null ? error : {};
  return typeof data?.problem === 'string' ? data.problem : '';
}
