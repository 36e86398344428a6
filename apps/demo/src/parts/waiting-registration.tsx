import type { Registration } from '../registration.ts';
import { ChangeAddress } from './change-address.tsx';
import { InboxHint } from './inbox-hint.tsx';
import { MailState } from './mail-state.tsx';
import { ResendMail } from './resend-mail.tsx';
import { TimeLeft } from './time-left.tsx';

/** A sign-up that waits for its mail to be opened: where the mail is, how long it lasts, and what can be done. */
export function WaitingRegistration({ registration }: { registration: Registration }) {
  const { email, mail, expiresAt, resendAvailableAt } = registration;
  return (
    <>
      <p>
        Open the mail to <strong className="address">{email}</strong> and press its button. This page notices by itself.
      </p>
      <MailState email={email} mail={mail} />
      <InboxHint />
      {expiresAt !== null && <TimeLeft until={expiresAt} />}
      <ResendMail availableAt={resendAvailableAt} />
      <ChangeAddress key={email} email={email} open={mail === 'failed'} />
    </>
  );
}
