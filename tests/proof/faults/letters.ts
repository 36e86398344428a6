import type { ArrivedMail } from '../../support/smtp-dialogue.ts';

/** The token in a mailed confirmation link; `null` for other mail. */
export function tokenOf({ raw }: Pick<ArrivedMail, 'raw'>): string | null {
  const text = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  return /#token=([\w.-]+)/.exec(text)?.[1] ?? null;
}

/** The texts of all copies of each mail, by its Message-ID. */
export function copies(mails: readonly ArrivedMail[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const { messageId, raw } of mails) texts.set(messageId, [...(texts.get(messageId) ?? []), raw]);
  return texts;
}
