import { useEffect, useReducer } from 'react';

/** Whole seconds until a time in milliseconds of the epoch, counting down to 0. */
export function useSecondsUntil(time: number): number {
  const [, tick] = useReducer((ticks: number) => ticks + 1, 0);

  useEffect(() => {
    if (time <= Date.now()) return;
    const timer = setInterval(() => {
      tick();
      if (Date.now() >= time) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [time]);

  return Math.max(0, Math.ceil((time - Date.now()) / 1000));
}
