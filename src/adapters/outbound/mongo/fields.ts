import { z } from 'zod';

/** How a record's fields are written. */
export const text = { type: String, required: true } as const;
export const time = { type: Date, required: true } as const;
export const count = { type: Number, required: true } as const;
export const maybeText = { type: String, default: null } as const;
export const maybeTime = { type: Date, default: null } as const;

/** How they are read: text of a branded type, for what was judged before it was kept. */
export function textAs<T extends string>() {
  return z.custom<T>((value) => typeof value === 'string');
}
