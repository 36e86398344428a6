import { useRegister } from '#client/react/entry.ts';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { go } from '../router.ts';
import { useLeaveWhenSignedIn } from '../use-leave-when-signed-in.ts';

/** A name, an address and a password; then off to the inbox. */
export function SignUpPage() {
  useLeaveWhenSignedIn();
  const register = useRegister();
  const signUp = ({ name = '', email = '', password = '' }) =>
    register.mutate({ name, email, password }, { onSuccess: () => go('/check-inbox') });

  return (
    <Page title="Sign up">
      <Form action="Sign up" busy={register.isPending} error={register.error} onSubmit={signUp}>
        {(problems) => (
          <>
            <Field name="name" label="Your name" autoComplete="name" problem={problems.name} />
            <Field name="email" label="Email address" type="email" autoComplete="email" problem={problems.email} />
            <PasswordField
              name="password"
              label="Password"
              autoComplete="new-password"
              hint="At least 8 characters. Any characters, spaces too; a few random words are best."
              problem={problems.password}
            />
          </>
        )}
      </Form>
      <p className="aside">
        Have an account? <Link to="/sign-in">Sign in</Link>
      </p>
    </Page>
  );
}
