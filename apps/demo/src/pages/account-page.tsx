import { useLogout, useMe, useSession } from '#client/react/entry.ts';
import { Form } from '../parts/form.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { Moment } from '../parts/moment.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Waiting } from '../parts/waiting.tsx';

/** Who is signed in, and the way out. */
export function AccountPage() {
  const { state } = useSession();
  if (state === 'unknown') return <Waiting />;
  return state === 'signed-in' ? <SignedIn /> : <SignedOut />;
}

function SignedIn() {
  const me = useMe();
  const logout = useLogout();
  return (
    <Page title="Your account">
      <Refusal error={me.error} />
      {me.data !== undefined && (
        <dl className="facts">
          <dt>Name</dt>
          <dd>{me.data.name}</dd>
          <dt>Address</dt>
          <dd>{me.data.email}</dd>
          <dt>Member since</dt>
          <dd>
            <Moment at={me.data.createdAt} />
          </dd>
          <dt>Last sign-in</dt>
          <dd>{me.data.lastLoginAt === null ? 'This is the first' : <Moment at={me.data.lastLoginAt} />}</dd>
        </dl>
      )}
      <Form action="Sign out" busy={logout.isPending} error={logout.error} onSubmit={() => logout.mutate()} />
      <p className="hint">Signing out ends the session in every tab of this browser.</p>
    </Page>
  );
}

function SignedOut() {
  return (
    <Page title="You are signed out">
      <p>Nobody is signed in here now.</p>
      <Link to="/sign-in" className="button">
        Sign in
      </Link>
    </Page>
  );
}
