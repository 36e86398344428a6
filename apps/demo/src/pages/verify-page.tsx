import { useMailedLink } from '../mailed-link.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Disown } from '../parts/disown.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';

/** Where the links in mails lead. It sends nothing by itself: mail scanners open links and run scripts, too. */
export function VerifyPage({ onSignedIn }: { onSignedIn: () => void }) {
  const link = useMailedLink();
  if (link === null) return <NoLink />;
  return link.purpose === 'confirm' ? (
    <Confirm key={link.token} token={link.token} onSignedIn={onSignedIn} />
  ) : (
    <Disown key={link.token} token={link.token} />
  );
}

function NoLink() {
  return (
    <Page title="Open the link in your mail">
      <p>
        This page works only when it is opened by the link in a mail, and it forgets the link when it is loaded again. Open the mail and
        follow its link once more.
      </p>
      <p>
        Done already? <Link to="/account">Go to your account</Link>
      </p>
    </Page>
  );
}
