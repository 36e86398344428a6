/** Seconds as `29:05`, or `23:59:05` from an hour on. */
export function clock(seconds: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const tail = `${two(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** Seconds as `42 s`, or as on a clock when they are many. */
export function shortly(seconds: number): string {
  return seconds < 100 ? `${seconds} s` : clock(seconds);
}

/** The same for a screen reader: `PT1745S` (ISO 8601). */
export function isoDuration(seconds: number): string {
  return `PT${seconds}S`;
}
