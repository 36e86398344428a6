/** One line of the table: what was measured, and what for. `value` is in the unit that `measured` names. */
export interface Figure {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly value: number;
  /** `null` where there is no goal. */
  readonly met: boolean | null;
}

export function atLeast(what: string, goal: number, value: number): Figure {
  return { what, goal: `≥ ${goal}`, measured: value.toFixed(2), value, met: value >= goal };
}

export function atMost(what: string, goal: number, value: number, unit = ''): Figure {
  const [digits, suffix] = unit === '' ? [goal === 0 ? 0 : 2, ''] : [value < 10 ? 1 : 0, ` ${unit}`];
  return { what, goal: `≤ ${goal}${suffix}`, measured: `${value.toFixed(digits)}${suffix}`, value, met: value <= goal };
}

/** A figure to look at beside others. */
export function seen(what: string, value: number, unit: string): Figure {
  return { what, goal: '', measured: `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`, value, met: null };
}

/** What every part is given. */
export interface Bench {
  /** How much of the full size the long parts take, above 0 to 1. */
  readonly scale: number;
  /** Says how far a long part is. */
  readonly progress: (text: string) => void;
}

export type Part = (bench: Bench) => Promise<Figure[]>;
