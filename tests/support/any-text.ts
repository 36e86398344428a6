import fc from 'fast-check';

const unit = fc.nat(0xff_ff).map((code) => String.fromCharCode(code));
const codePoint = fc.oneof(fc.nat(0xd7_ff), fc.integer({ min: 0xe0_00, max: 0x10_ff_ff })).map((code) => String.fromCodePoint(code));

/** Any string that JavaScript can hold: controls, half surrogate pairs and all. fast-check's own binary unit takes a second to make ready. */
export function anyText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit });
}

/** Any string that UTF-8 can hold. */
export function wellFormedText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}
