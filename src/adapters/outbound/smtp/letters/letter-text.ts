import type { LetterContent } from './letter-content.ts';

const WIDTH = 72;

/** The letter as plain text, in lines of up to 72 columns; a link stands alone on its line, however long. */
export function toText(letter: LetterContent, appName: string): string {
  const blocks = [
    letter.heading,
    ...letter.paragraphs.map(wrap),
    ...(letter.action === undefined ? [] : [`${letter.action.label}:\n${letter.action.link}`]),
    ...letter.closing.map(wrap),
    ...(letter.decline === undefined ? [] : [`${letter.decline.label}:\n${letter.decline.link}`]),
    // RFC 3676: the line that begins a signature.
    `-- \n${appName}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines.splice(-1, 1, line === '' ? word : `${line} ${word}`);
  }
  return lines.join('\n');
}
