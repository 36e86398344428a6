import { useState } from 'react';
import { reasonOf } from '#client/entry.ts';
import { useRegistration, useVerifyEmail } from '#client/react/entry.ts';
import { ConfirmEnd, type End, endOf } from './confirm-end.tsx';
import { Form } from './form.tsx';
import { Page } from './page.tsx';
import { Prove } from './prove.tsx';

export interface ConfirmProps {
  readonly token: string;
  readonly onSignedIn: () => void;
}

/** Confirms a mailbox: one press, and where that is not proof enough, the password or a new one. */
export function Confirm({ token, onSignedIn }: ConfirmProps) {
  const registration = useRegistration();
  const verify = useVerifyEmail();
  const [end, setEnd] = useState<End | null>(null);
  const [unproven, setUnproven] = useState<string | null>(null);

  const confirm = async (proof: { password?: string; newPassword?: string; name?: string } = {}) => {
    try {
      const { session } = await verify.mutateAsync({ token, ...proof });
      setEnd(session === null ? { kind: 'confirmed' } : { kind: 'signed-in', name: session.user.name, email: session.user.email });
      if (session !== null) onSignedIn();
    } catch (error) {
      setEnd(endOf(error));
      if (reasonOf(error) === 'proof-required') {
        setUnproven(emailOf(error));
        verify.reset();
      }
    }
  };

  if (end !== null) return <ConfirmEnd end={end} />;
  if (unproven !== null)
    return <Prove email={unproven} busy={verify.isPending} error={verify.error} onSwitch={verify.reset} onProof={confirm} />;
  return (
    <Page title="Confirm your address">
      {registration.data?.state === 'waiting' ? (
        <p>
          One press, and <strong className="address">{registration.data.email}</strong> is yours and you are signed in.
        </p>
      ) : (
        <p>One press, and your sign-up is done. If you did not sign up, just close this page: nothing has happened yet.</p>
      )}
      <Form action="Confirm my address" busy={verify.isPending} error={verify.error} onSubmit={() => void confirm()} />
    </Page>
  );
}

function emailOf(error: unknown): string {
  const { data }: { data?: { email?: unknown } | null } = typeof error === 'object' && error !== null ? error : {};
  return typeof data?.email === 'string' ? data.email : '';
}
