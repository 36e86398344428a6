import type { Letter } from '#application/ports/mail-transport.ts';
import { accountExists } from './account-exists.ts';
import { confirmAddress } from './confirm-address.ts';
import type { LetterContent } from './letter-content.ts';
import { toHtml } from './letter-html.ts';
import { toText } from './letter-text.ts';
import { sessionEnded } from './session-ended.ts';

export interface RenderedLetter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The letter in words. HTML and plain text say the same; every value in the HTML is escaped. */
export function renderLetter(letter: Letter, { appName }: { appName: string }): RenderedLetter {
  const content = toContent(letter, appName);
  return { subject: content.subject, text: toText(content, appName), html: toHtml(content, appName) };
}

function toContent(letter: Letter, appName: string): LetterContent {
  switch (letter.kind) {
    case 'confirm-address':
      return confirmAddress(appName, letter);
    case 'account-exists':
      return accountExists(appName, letter);
    case 'session-ended':
      return sessionEnded(appName, letter);
  }
}
