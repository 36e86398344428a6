import { useState } from 'react';
import type { CaughtMail } from '../use-dev-inbox.ts';

/** One mail: its links, and its HTML in a frame that runs nothing, or its plain text. */
export function CaughtMailView({ mail: { id, subject, to, text, html, links } }: { mail: CaughtMail }) {
  const [plain, setPlain] = useState(html === '');
  return (
    <article className="mail">
      <h2>{subject}</h2>
      <p className="hint">To {to}</p>
      {links.length > 0 && (
        <ul className="links">
          {links.map((link) => (
            <li key={link}>
              <a href={link}>{labelOf(link)}</a>
            </li>
          ))}
        </ul>
      )}
      <div className="views">
        <button type="button" aria-pressed={!plain} onClick={() => setPlain(false)}>
          As designed
        </button>
        <button type="button" aria-pressed={plain} onClick={() => setPlain(true)}>
          Plain text
        </button>
      </div>
      {plain ? (
        <pre>{text}</pre>
      ) : (
        <iframe
          title={`Mail: ${subject}`}
          src={`/dev/inbox/${encodeURIComponent(id)}`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
        />
      )}
    </article>
  );
}

function labelOf(link: string): string {
  if (link.includes('#token=')) return 'Open the confirmation link';
  if (link.includes('#disown=')) return "Open the 'this wasn't me' link";
  return link;
}
