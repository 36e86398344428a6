/** Whether the long form was asked for, as `npm run faults` and its like do; `npm run proof` runs the short forms. */
export const isLong = process.env.PROOF === 'long';

/** One figure for each form. */
export function inForm<T>({ short, long }: { short: T; long: T }): T {
  return isLong ? long : short;
}

/** What random choices start from: SEED, or a new one. It belongs in every failure's message, so that the run can be had again. */
export const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
