import { err } from '#domain/result.ts';

/** Input of the right shape that breaks a rule: which field, and the code of the rule; never a value. */
export interface InvalidInput {
  readonly code: 'invalid-input';
  readonly fields: Readonly<Record<string, string>>;
}

export function invalidInput(fields: Readonly<Record<string, string>>): { readonly ok: false; readonly error: InvalidInput } {
  return err({ code: 'invalid-input', fields });
}
