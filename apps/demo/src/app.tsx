import { useState } from 'react';
import { SallyportProvider } from '#client/react/entry.ts';
import { client, quietClient } from './clients.ts';
import { AccountPage } from './pages/account-page.tsx';
import { CheckInboxPage } from './pages/check-inbox-page.tsx';
import { InboxPage } from './pages/inbox-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { SignUpPage } from './pages/sign-up-page.tsx';
import { VerifyPage } from './pages/verify-page.tsx';
import { WelcomePage } from './pages/welcome-page.tsx';
import { Masthead } from './parts/masthead.tsx';
import { usePath } from './router.ts';

/** The whole demo: one page at a time below the masthead. */
export function App() {
  const path = usePath();
  const [awake, setAwake] = useState(false);
  const quiet = path === '/verify' && !awake;

  return (
    <SallyportProvider client={quiet ? quietClient : client}>
      <Masthead />
      <main>{path === '/verify' ? <VerifyPage onSignedIn={() => setAwake(true)} /> : <Page path={path} />}</main>
    </SallyportProvider>
  );
}

function Page({ path }: { path: string }) {
  switch (path) {
    case '/':
      return <WelcomePage />;
    case '/sign-up':
      return <SignUpPage />;
    case '/check-inbox':
      return <CheckInboxPage />;
    case '/sign-in':
      return <SignInPage />;
    case '/account':
      return <AccountPage />;
    case '/inbox':
      return <InboxPage />;
    default:
      return <NotFoundPage />;
  }
}
