import type { ReactNode } from 'react';
import { shortly } from '../duration.ts';

export interface SubmitButtonProps {
  readonly busy: boolean;
  /** Seconds until it works again. */
  readonly wait: number;
  readonly children: ReactNode;
}

/** Says when it cannot be pressed, and keeps the focus all the same, which a disabled button would lose. */
export function SubmitButton({ busy, wait, children }: SubmitButtonProps) {
  return (
    <button type="submit" className="button" aria-disabled={busy || wait > 0} aria-busy={busy}>
      {wait > 0 ? `Try again in ${shortly(wait)}` : children}
    </button>
  );
}
