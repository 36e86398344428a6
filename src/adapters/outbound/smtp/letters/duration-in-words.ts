const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const UNITS = [
  ['day', 24 * HOUR_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', SECOND_MS],
] as const;

/** `30 minutes`, `2 seconds`, `1 day`. Never longer than `ms`, so that a mail promises no more than is kept; at least `1 second`. */
export function durationInWords(ms: number): string {
  const grain = ms >= 3 * HOUR_MS ? HOUR_MS : ms >= 2 * MINUTE_MS ? MINUTE_MS : SECOND_MS;
  const rounded = Math.max(Math.floor(ms / grain), 1) * grain;

  const [name, size] = UNITS.find(([, unit]) => rounded % unit === 0) ?? UNITS[3];
  const count = rounded / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
