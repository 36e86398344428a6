import { useState } from 'react';
import { CaughtMailView } from '../parts/caught-mail-view.tsx';
import { InboxList } from '../parts/inbox-list.tsx';
import { Page } from '../parts/page.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { useDevInbox } from '../use-dev-inbox.ts';

const POLL_MS = 3000;

/** Every mail that the embedded mail server has caught. */
export function InboxPage() {
  const { data: mails, error } = useDevInbox({ everyMs: POLL_MS });
  const [chosen, setChosen] = useState<string | null>(null);

  if (mails === null) {
    return (
      <Page title="Mail is real here" key="none">
        <p>This service hands its mail to a real mail server, so look into your own inbox.</p>
      </Page>
    );
  }
  const shown = mails?.find(({ id }) => id === chosen) ?? mails?.[0];
  return (
    <Page title="Inbox" wide key="inbox">
      <p className="hint">Every mail that this service would have sent, newest first. Only this machine can see it.</p>
      <Refusal error={error} />
      {mails?.length === 0 && <p role="status">No mail yet. Sign somebody up, and it arrives here.</p>}
      {mails !== undefined && shown !== undefined && (
        <div className="inbox">
          <InboxList mails={mails} shown={shown.id} onChoose={setChosen} />
          <CaughtMailView key={shown.id} mail={shown} />
        </div>
      )}
    </Page>
  );
}
