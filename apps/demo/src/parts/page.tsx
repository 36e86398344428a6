import { type ReactNode, useEffect, useRef } from 'react';

let anyPageLeft = false;

export interface PageProps {
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A sheet with its heading, which takes the focus when it replaces another, so that screen readers and keyboards follow. */
export function Page({ title, wide = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (anyPageLeft) heading.current?.focus();
    return () => {
      anyPageLeft = true;
    };
  }, []);

  return (
    <section className={wide ? 'sheet sheet-wide' : 'sheet'}>
      <title>{`${title} · Sallyport`}</title>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </section>
  );
}
