import { useRegistration, useSession } from '#client/react/entry.ts';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { WaitingRegistration } from '../parts/waiting-registration.tsx';
import { Waiting } from '../parts/waiting.tsx';

/** How this browser's sign-up stands, until it is confirmed or over. */
export function CheckInboxPage() {
  const { state } = useSession();
  const { data: registration, error } = useRegistration();

  if (state === 'signed-in') return <Confirmed title="You are signed in" to="/account" action="Go to your account" />;
  if (registration === undefined) return error === null ? <Waiting /> : <Unreachable error={error} />;
  if (registration === null) return <NoSignUp />;
  if (registration.state === 'confirmed') return <Confirmed title="Your address is confirmed" to="/sign-in" action="Sign in" />;
  return (
    <Page title="Check your inbox">
      <WaitingRegistration registration={registration} />
    </Page>
  );
}

function Confirmed({ title, to, action }: { title: string; to: '/account' | '/sign-in'; action: string }) {
  return (
    <Page title={title}>
      <p role="status">Your address is confirmed, here or on another device, and your account is ready.</p>
      <Link to={to} className="button">
        {action}
      </Link>
    </Page>
  );
}

function NoSignUp() {
  return (
    <Page title="No sign-up is waiting here">
      <p>
        A sign-up ends some time after its mail was sent, and each browser sees only its own. If yours ran out, start again: it takes a
        minute.
      </p>
      <div className="ways">
        <Link to="/sign-up" className="button">
          Sign up
        </Link>
        <Link to="/sign-in" className="button button-quiet">
          Sign in
        </Link>
      </div>
    </Page>
  );
}

function Unreachable({ error }: { error: unknown }) {
  return (
    <Page title="Check your inbox">
      <p>Your sign-up is kept, but this page cannot show how it stands.</p>
      <Refusal error={error} />
    </Page>
  );
}
