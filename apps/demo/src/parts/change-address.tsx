import { useChangeEmail } from '#client/react/entry.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

export interface ChangeAddressProps {
  readonly email: string;
  /** Unfolded from the start. */
  readonly open: boolean;
}

/** "Wrong address?": the same sign-up under another one. */
export function ChangeAddress({ email, open }: ChangeAddressProps) {
  const change = useChangeEmail();
  return (
    <details className="fold" open={open}>
      <summary>Wrong address? Change it</summary>
      <Form
        action="Change it"
        busy={change.isPending}
        error={change.error}
        onSubmit={({ email: typed = '' }) => change.mutate({ email: typed })}
      >
        {(problems) => (
          <Field
            name="email"
            label="The right address"
            type="email"
            autoComplete="email"
            defaultValue={email}
            hint="Your name and password stay. The mail at the wrong address stops working."
            problem={problems.email}
          />
        )}
      </Form>
    </details>
  );
}
