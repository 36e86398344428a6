import type { LetterAction, LetterContent } from './letter-content.ts';

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

// Only what cannot be inline: a client that drops this block still shows the light letter, whole.
const DARK = `@media (prefers-color-scheme: dark) {
  .page { background: #15171a !important; }
  .card { background: #202429 !important; border-color: #343a41 !important; }
  .ink { color: #f2f3f5 !important; }
  .soft { color: #a9b0b8 !important; }
}`;

/** The letter as one HTML document: no image, no script, nothing fetched from anywhere. */
export function toHtml(letter: LetterContent, appName: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(letter.subject)}</title>
<style>${DARK}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(letter.preview)}</div>
<div class="page" style="padding:40px 16px;background:#f3f4f6;${FONT}">
<div style="max-width:520px;margin:0 auto">
<p class="soft" style="margin:0 0 16px;font-size:15px;font-weight:600;color:#5b6470">${escapeHtml(appName)}</p>
<div class="card" style="padding:32px;background:#ffffff;border:1px solid #e2e5e9;border-radius:12px">
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:28px;font-weight:650;color:#16191d">${escapeHtml(letter.heading)}</h1>
${letter.paragraphs.map(paragraph).join('\n')}
${letter.action === undefined ? '' : action(letter.action)}
${letter.closing.map(remark).join('\n')}
${letter.decline === undefined ? '' : decline(letter.decline)}
</div>
</div>
</div>
</body>
</html>
`;
}

function paragraph(text: string): string {
  return `<p class="ink" style="margin:0 0 16px;font-size:16px;line-height:24px;color:#2c3138">${escapeHtml(text)}</p>`;
}

function action({ label, link }: LetterAction): string {
  const button =
    'display:inline-block;padding:13px 26px;background:#2b5c8f;border-radius:8px;color:#ffffff;font-size:16px;font-weight:600;text-decoration:none';
  return `<p style="margin:24px 0"><a href="${escapeHtml(link)}" style="${button}">${escapeHtml(label)}</a></p>
<p class="soft" style="margin:0 0 4px;font-size:14px;line-height:20px;color:#5b6470">Or copy this link into your browser:</p>
<p class="ink" style="margin:0 0 24px;font-size:14px;line-height:20px;color:#2c3138;word-break:break-all">${escapeHtml(link)}</p>`;
}

function decline({ label, link }: LetterAction): string {
  return `<p class="soft" style="margin:8px 0 0;font-size:14px;line-height:20px;color:#5b6470"><a class="soft" href="${escapeHtml(link)}" style="color:#5b6470">${escapeHtml(label)}</a></p>`;
}

function remark(text: string): string {
  return `<p class="soft" style="margin:8px 0 0;font-size:14px;line-height:20px;color:#5b6470">${escapeHtml(text)}</p>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
