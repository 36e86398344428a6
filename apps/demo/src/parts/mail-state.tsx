import type { Registration } from '../registration.ts';

/** Where the mail is, as far as the service honestly knows. */
export function MailState({ email, mail }: Pick<Registration, 'email' | 'mail'>) {
  const { title, text } = words(mail, email.slice(email.lastIndexOf('@') + 1));
  return (
    <div className={`mail-state mail-${mail}`} role="status">
      <strong>{title}</strong>
      <p>{text}</p>
    </div>
  );
}

function words(mail: Registration['mail'], domain: string): { title: string; text: string } {
  switch (mail) {
    case 'queued':
      return { title: 'On its way out', text: 'The mail waits its turn and leaves in a moment. Its time has not begun to run.' };
    case 'sent':
      return {
        title: 'Handed over',
        text: `The mail was handed over for ${domain}. That can take a few minutes; look among unwanted mail, too.`,
      };
    case 'held':
      return {
        title: 'Held back',
        text: 'This address was sent too many mails within a day, so this one stays here. Use the newest mail you have, try again tomorrow, or take another address.',
      };
    case 'failed':
      return { title: 'Refused', text: `${domain} did not take the mail. Look at the address letter by letter, and change it below.` };
  }
}
