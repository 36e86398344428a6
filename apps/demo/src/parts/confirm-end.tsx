import { reasonOf } from '#client/entry.ts';
import type { Path } from '../router.ts';
import { Link } from './link.tsx';
import { Page } from './page.tsx';

/** How pressing a link ended. */
export type End =
  | { readonly kind: 'signed-in'; readonly name: string; readonly email: string }
  | { readonly kind: 'confirmed' | 'already-verified' | 'account-exists' | 'invalid-or-expired-token' };

/** The end that a refusal means, or `null` when there is something left to try. */
export function endOf(error: unknown): End | null {
  const reason = reasonOf(error);
  return reason === 'already-verified' || reason === 'account-exists' || reason === 'invalid-or-expired-token' ? { kind: reason } : null;
}

/** Says clearly what happened, and leads on. */
export function ConfirmEnd({ end }: { end: End }) {
  if (end.kind === 'signed-in') {
    return (
      <Page title={`Welcome, ${end.name}`}>
        <p role="status">
          <strong className="address">{end.email}</strong> is confirmed, and you are signed in.
        </p>
        <Onward to="/account" label="Go to your account" />
      </Page>
    );
  }
  const { title, text, to, label } = ENDS[end.kind];
  return (
    <Page title={title}>
      <p role="status">{text}</p>
      <Onward to={to} label={label} />
    </Page>
  );
}

function Onward({ to, label }: { to: Path; label: string }) {
  return (
    <Link to={to} className="button">
      {label}
    </Link>
  );
}

const ENDS: Readonly<Record<Exclude<End['kind'], 'signed-in'>, { title: string; text: string; to: Path; label: string }>> = {
  confirmed: { title: 'Your address is confirmed', text: 'Sign in with the password that you chose.', to: '/sign-in', label: 'Sign in' },
  'already-verified': {
    title: 'Already confirmed',
    text: 'This link was used before, and it did its work: the account is there. Sign in with its password.',
    to: '/sign-in',
    label: 'Sign in',
  },
  'account-exists': {
    title: 'You already have an account',
    text: 'This address has an account, made by another sign-up. Nothing was changed; sign in with its password.',
    to: '/sign-in',
    label: 'Sign in',
  },
  'invalid-or-expired-token': {
    title: 'This link has ended',
    text: 'It is too old, or a part of it is missing. If you changed your address, only the mail at the new one works. Otherwise sign up again.',
    to: '/sign-up',
    label: 'Sign up again',
  },
};
