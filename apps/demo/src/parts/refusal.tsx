import { refusalWords } from '../refusal-words.ts';

/** The outcome that nobody wanted, said aloud. The region is always there, since one that comes with its text is often not read. */
export function Refusal({ error }: { error: unknown }) {
  const words = error === null ? null : refusalWords(error);
  return <div role="alert">{words !== null && <p className="notice notice-bad">{words}</p>}</div>;
}
