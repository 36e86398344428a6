import { useResend } from '#client/react/entry.ts';
import { shortly } from '../duration.ts';
import { useSecondsUntil } from '../use-seconds-until.ts';
import { useWait } from '../use-wait.ts';
import { Refusal } from './refusal.tsx';

/** Asks for the same link once more; shows how long until that is possible. */
export function ResendMail({ availableAt }: { availableAt: string }) {
  const resend = useResend();
  const cooling = useSecondsUntil(Date.parse(availableAt));
  const asked = useWait(resend.error);
  const wait = Math.max(cooling, asked);
  const press = () => {
    if (wait === 0 && !resend.isPending) resend.mutate({});
  };

  return (
    <div>
      <button type="button" className="button button-quiet" aria-disabled={wait > 0 || resend.isPending} onClick={press}>
        {wait > 0 ? `Send it again in ${shortly(wait)}` : 'Send it again'}
      </button>
      <div role="status">{resend.isSuccess && wait > 0 && <p className="hint">Asked for. It is the same link as before.</p>}</div>
      <Refusal error={resend.error} />
    </div>
  );
}
