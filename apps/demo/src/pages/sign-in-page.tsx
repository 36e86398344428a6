import { reasonOf } from '#client/entry.ts';
import { useLogin } from '#client/react/entry.ts';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { useLeaveWhenSignedIn } from '../use-leave-when-signed-in.ts';

/** An address and a password; whoever is signed in goes on to the account. */
export function SignInPage() {
  useLeaveWhenSignedIn();
  const login = useLogin();
  const signIn = ({ email = '', password = '' }) => login.mutate({ email, password });
  const unconfirmed = reasonOf(login.error) === 'email-not-verified';

  return (
    <Page title="Sign in">
      <Form
        action="Sign in"
        busy={login.isPending}
        error={login.error}
        refusal={unconfirmed ? <NotConfirmedYet /> : undefined}
        onSubmit={signIn}
      >
        {(problems) => (
          <>
            <Field name="email" label="Email address" type="email" autoComplete="username" problem={problems.email} />
            <PasswordField name="password" label="Password" autoComplete="current-password" problem={problems.password} />
          </>
        )}
      </Form>
      <p className="aside">
        New here? <Link to="/sign-up">Sign up</Link>
      </p>
    </Page>
  );
}

function NotConfirmedYet() {
  return (
    <div role="alert">
      <p className="notice">
        That is right, but your address is not confirmed yet. <Link to="/check-inbox">See how your mail stands</Link>
      </p>
    </div>
  );
}
