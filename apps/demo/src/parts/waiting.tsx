import { useEffect, useState } from 'react';
import { Page } from './page.tsx';

const PATIENCE_MS = 4000;

/** Until the service has answered; says so when that takes long. */
export function Waiting() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Page title="One moment">
      <p role="status">
        {late ? 'The service does not answer yet. This page keeps asking; check your connection meanwhile.' : 'Asking the service.'}
      </p>
    </Page>
  );
}
