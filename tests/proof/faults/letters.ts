import type { ArrivedMail } from '../../support/smtp-dialogue.ts';

/** The token in a mailed confirmation link; `null` for other mail. */
export function tokenOf({ raw }: Pick<ArrivedMail, 'raw'>): string | null {
  const text = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  return /#token=([\w.-]+)/.exec(text)?.[1] ?? null;
}

/** How often each mail was taken, by its Message-ID. */
export function copies(mails: readonly ArrivedMail[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { messageId } of mails) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  return counts;
}
