import { clock, isoDuration } from '../duration.ts';
import { useSecondsUntil } from '../use-seconds-until.ts';

/** The countdown to a sign-up's end. */
export function TimeLeft({ until }: { until: string }) {
  const seconds = useSecondsUntil(Date.parse(until));
  return (
    <p className="time-left">
      The link works for{' '}
      <time role="timer" dateTime={isoDuration(seconds)}>
        {clock(seconds)}
      </time>
    </p>
  );
}
