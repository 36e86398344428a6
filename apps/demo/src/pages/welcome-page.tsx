import { useSession } from '#client/react/entry.ts';
import { InboxHint } from '../parts/inbox-hint.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';

/** What this is, and the two ways in. */
export function WelcomePage() {
  const { state } = useSession();
  return (
    <Page title="The guarded door">
      <p className="lead">
        Sign up, prove your mailbox, sign in, stay signed in, and get out whenever you like. This is the whole of it, to try.
      </p>
      {state === 'signed-in' ? (
        <Link to="/account" className="button">
          Go to your account
        </Link>
      ) : (
        <div className="ways">
          <Link to="/sign-up" className="button">
            Sign up
          </Link>
          <Link to="/sign-in" className="button button-quiet">
            Sign in
          </Link>
        </div>
      )}
      <ol className="steps">
        <li>You give a name, an address and a password.</li>
        <li>A mail comes; its link asks for one press.</li>
        <li>That press makes your account and signs you in.</li>
      </ol>
      <InboxHint />
    </Page>
  );
}
