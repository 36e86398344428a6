import type { MouseEvent, ReactNode } from 'react';
import { go, type Path } from '../router.ts';

export interface LinkProps {
  readonly to: Path;
  readonly className?: string;
  readonly current?: boolean;
  readonly children: ReactNode;
}

/** A link to another page of the demo that loads nothing; with a modifier key it is any other link. */
export function Link({ to, className, current = false, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className={className} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
