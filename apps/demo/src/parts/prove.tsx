import { useState } from 'react';
import { reasonOf } from '#client/entry.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { Page } from './page.tsx';
import { PasswordField } from './password-field.tsx';

export interface ProveProps {
  readonly email: string;
  readonly busy: boolean;
  readonly error: unknown;
  /** The person takes the other way; what was refused before is no longer of interest. */
  readonly onSwitch: () => void;
  readonly onProof: (proof: { password: string } | { newPassword: string; name: string }) => Promise<void>;
}

/** Another browser than the one of the sign-up: the link alone could be pressed for a stranger. */
export function Prove({ email, busy, error, onSwitch, onProof }: ProveProps) {
  const [renewing, setRenewing] = useState(false);
  const switchTo = (other: boolean) => {
    onSwitch();
    setRenewing(other);
  };

  return renewing ? (
    <Page title="Set a password of your own" key="renew">
      <p>The account will have this name and password, whoever began the sign-up.</p>
      <Form
        action="Set it and sign in"
        busy={busy}
        error={error}
        onSubmit={({ newPassword = '', name = '' }) => void onProof({ newPassword, name })}
      >
        {(problems) => (
          <>
            <Field name="username" label="Email address" type="email" autoComplete="username" defaultValue={email} readOnly />
            <Field name="name" label="Your name" autoComplete="name" problem={problems.name} />
            <PasswordField
              name="newPassword"
              label="New password"
              autoComplete="new-password"
              hint="At least 8 characters. A few random words are best."
              problem={problems.newPassword}
            />
          </>
        )}
      </Form>
      <button type="button" className="textual" onClick={() => switchTo(false)}>
        I know the password I chose
      </button>
    </Page>
  ) : (
    <Page title="Is it you?" key="prove">
      <p>You signed up in another browser. Enter the password that you chose there.</p>
      <Form
        action="Confirm and sign in"
        busy={busy}
        error={error}
        refusal={reasonOf(error) === 'invalid-credentials' ? <WrongPassword /> : undefined}
        onSubmit={({ password = '' }) => void onProof({ password })}
      >
        {(problems) => (
          <>
            <Field name="username" label="Email address" type="email" autoComplete="username" defaultValue={email} readOnly />
            <PasswordField name="password" label="Password" autoComplete="current-password" problem={problems.password} />
          </>
        )}
      </Form>
      <button type="button" className="textual" onClick={() => switchTo(true)}>
        I forgot it, or never chose one
      </button>
    </Page>
  );
}

function WrongPassword() {
  return (
    <div role="alert">
      <p className="notice notice-bad">That is not the password of this sign-up. Try again, or set a new one below.</p>
    </div>
  );
}
