import type { LetterContent } from './letter-content.ts';

/** Tells an owner, and nobody else, that a sign-up met the account they have. */
export function accountExists(appName: string, { signInUrl }: { signInUrl: string }): LetterContent {
  return {
    subject: `You already have an account at ${appName}`,
    preview: 'Somebody tried to sign up with your address. Nothing has changed.',
    heading: 'You already have an account',
    paragraphs: [
      `Somebody, perhaps you, tried to sign up for ${appName} with this address. It already has an account, so nothing was changed.`,
      'If it was you, sign in with the password that the account has had all along.',
    ],
    action: { label: 'Sign in', link: signInUrl },
    closing: ["If this wasn't you, ignore this mail: your account is untouched."],
  };
}
