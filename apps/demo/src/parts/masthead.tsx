import { useSession } from '#client/react/entry.ts';
import { usePath } from '../router.ts';
import { Link } from './link.tsx';

/** The name of the house and the ways through it. */
export function Masthead() {
  const path = usePath();
  const { state } = useSession();
  return (
    <header className="masthead">
      <Link to="/" className="brand">
        <img src="/icon.svg" alt="" width="28" height="28" />
        Sallyport
      </Link>
      <nav aria-label="Pages">
        {state === 'signed-in' ? (
          <Link to="/account" current={path === '/account'}>
            Account
          </Link>
        ) : (
          <>
            <Link to="/sign-in" current={path === '/sign-in'}>
              Sign in
            </Link>
            <Link to="/sign-up" current={path === '/sign-up'}>
              Sign up
            </Link>
          </>
        )}
      </nav>
    </header>
  );
}
