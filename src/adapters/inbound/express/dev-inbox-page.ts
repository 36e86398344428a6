import type { InboxMail } from './inbox.ts';

/** The list, newest first; each mail opens in place, its HTML in a sandboxed frame. It reloads itself without a script. */
export function inboxPage(mails: readonly InboxMail[]): string {
  const list =
    mails.length === 0 ? '<p class="empty">No mail yet. Sign somebody up, and it arrives here.</p>' : mails.map(mailEntry).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15">
<title>Inbox (${mails.length})</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pages/pages.css">
</head>
<body>
<main class="wide">
<h1>Inbox</h1>
<p class="hint">Every mail that this service would have sent. Only this machine can see it.</p>
${list}
</main>
</body>
</html>
`;
}

/** A mail's own HTML, for the frame. */
export function mailPage({ html, text }: InboxMail): string {
  return html === '' ? `<!doctype html><pre>${escapeHtml(text)}</pre>` : html.replace(/<head>/i, '<head><base target="_blank">');
}

function mailEntry({ id, to, subject, text, html, links, receivedAt }: InboxMail, position: number): string {
  const open = position === 0 ? ' open' : '';
  const follow = links.map((link) => `<li><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></li>`).join('');
  const frame =
    html === ''
      ? ''
      : `<iframe title="${escapeHtml(subject)}" src="/dev/inbox/${encodeURIComponent(id)}" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`;
  return `<details class="mail"${open}>
<summary><strong>${escapeHtml(subject)}</strong><span>${escapeHtml(to)}</span><time datetime="${receivedAt.toISOString()}">${receivedAt.toISOString().slice(11, 19)} UTC</time></summary>
${follow === '' ? '' : `<ul class="links">${follow}</ul>`}
${frame}
<details><summary>Plain text</summary><pre>${escapeHtml(text)}</pre></details>
</details>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
