import { reasonOf } from '#client/entry.ts';
import { useDisown } from '#client/react/entry.ts';
import { Form } from './form.tsx';
import { Page } from './page.tsx';

/** "This wasn't me": one press, and a stranger's sign-up sends no more mail here. */
export function Disown({ token }: { token: string }) {
  const disown = useDisown();
  if (disown.isSuccess) {
    return (
      <Page title="No more mail will come" key="done">
        <p role="status">That sign-up sends nothing more to you. You can close this page.</p>
      </Page>
    );
  }
  if (reasonOf(disown.error) === 'invalid-or-expired-token') {
    return (
      <Page title="Already over" key="over">
        <p role="status">That sign-up has ended, and it sends nothing more. You can close this page.</p>
      </Page>
    );
  }
  return (
    <Page title="This wasn't me" key="press">
      <p>Somebody signed up with your address, perhaps by mistake. One press, and that sign-up sends you no more mail.</p>
      <Form action="Stop these mails" busy={disown.isPending} error={disown.error} onSubmit={() => disown.mutate({ token })} />
    </Page>
  );
}
