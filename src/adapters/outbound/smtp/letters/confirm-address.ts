import { durationInWords } from './duration-in-words.ts';
import type { LetterContent } from './letter-content.ts';

/** Asks the owner of a mailbox to prove it by following `link`, which lives `livesMs`. */
export function confirmAddress(
  appName: string,
  { link, disownLink, livesMs }: { link: string; disownLink: string; livesMs: number },
): LetterContent {
  return {
    subject: `Confirm your address for ${appName}`,
    preview: `One step left. The link works for ${durationInWords(livesMs)}.`,
    heading: 'Confirm your address',
    paragraphs: [`To finish signing up for ${appName}, confirm that this mailbox is yours.`],
    action: { label: 'Confirm address', link },
    closing: [
      `The link works for ${durationInWords(livesMs)}.`,
      "If this wasn't you, ignore this mail: unless the link is used, no account is made for this address.",
    ],
    decline: { label: "This wasn't me: send no more of these", link: disownLink },
  };
}
