import { useDevInbox } from '../use-dev-inbox.ts';
import { Link } from './link.tsx';

/** Where mail goes while the embedded mail server catches it; nothing where mail is real. */
export function InboxHint() {
  const inbox = useDevInbox();
  if (inbox.data === undefined || inbox.data === null) return null;
  return (
    <p className="notice">
      No mail leaves this machine: the service catches it all. <Link to="/inbox">Open its inbox</Link>.
    </p>
  );
}
