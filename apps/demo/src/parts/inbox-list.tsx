import type { CaughtMail } from '../use-dev-inbox.ts';

export interface InboxListProps {
  readonly mails: readonly CaughtMail[];
  readonly shown: string;
  readonly onChoose: (id: string) => void;
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** The mails to choose from. */
export function InboxList({ mails, shown, onChoose }: InboxListProps) {
  return (
    <ul className="mails" aria-label="Mails">
      {mails.map(({ id, to, subject, receivedAt }) => (
        <li key={id}>
          <button type="button" aria-current={id === shown} onClick={() => onChoose(id)}>
            <strong>{subject}</strong>
            <span>{to}</span>
            <time dateTime={receivedAt}>{time.format(new Date(receivedAt))}</time>
          </button>
        </li>
      ))}
    </ul>
  );
}
