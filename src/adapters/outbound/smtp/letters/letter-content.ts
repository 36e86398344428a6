/** What a letter says, before it becomes HTML and plain text. All of it is text: whoever renders it escapes it. */
export interface LetterContent {
  readonly subject: string;
  /** What an inbox shows beside the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly action?: LetterAction;
  readonly closing: readonly string[];
  /** The way out, said quietly at the end. */
  readonly decline?: LetterAction;
}

/** The one thing to press. `label` is on the button, `link` also stands beside it to be copied. */
export interface LetterAction {
  readonly label: string;
  readonly link: string;
}
