import type { LetterContent } from './letter-content.ts';

const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** Tells an owner that a session was ended because an old sign-in of it came back. Gentle: a lost answer looks the same as a theft. */
export function sessionEnded(appName: string, { noticedAt }: { noticedAt: Date }): LetterContent {
  return {
    subject: `You were signed out of ${appName} on one device`,
    preview: 'We ended one of your sessions to be on the safe side.',
    heading: 'Signed out on one device',
    paragraphs: [
      `On ${MOMENT.format(noticedAt)} UTC we ended one of your ${appName} sessions to be on the safe side: it was continued from an outdated copy.`,
      'The usual cause is harmless. A device that lost its connection at the wrong moment, or was restored from a backup, does the same. Sign in there again and carry on.',
    ],
    closing: [
      'If it keeps happening, somebody else may have copied a session of yours. Look through your devices and browsers for programs and extensions that you do not know.',
    ],
  };
}
