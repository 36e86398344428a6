import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';
import { fieldWords } from '../refusal-words.ts';
import { useWait } from '../use-wait.ts';
import { Refusal } from './refusal.tsx';
import { SubmitButton } from './submit-button.tsx';

export interface FormProps {
  readonly action: string;
  readonly busy: boolean;
  readonly error: unknown;
  /** Instead of the usual words for a refusal. */
  readonly refusal?: ReactNode;
  readonly onSubmit: (values: Readonly<Record<string, string>>) => void;
  /** The fields, given what is wrong with each by its name. */
  readonly children?: (problems: Readonly<Record<string, string>>) => ReactNode;
}

/** Fields, a refusal and one button. After a refusal the first field in trouble takes the focus. */
export function Form({ action, busy, error, refusal, onSubmit, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const wait = useWait(error);
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [error]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy || wait > 0) return;
    const entries = [...new FormData(event.currentTarget)];
    onSubmit(Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? value : ''])));
  };

  return (
    <form ref={form} onSubmit={submit} noValidate>
      {children?.(fieldWords(error))}
      {refusal ?? <Refusal error={error} />}
      <SubmitButton busy={busy} wait={wait}>
        {action}
      </SubmitButton>
    </form>
  );
}
