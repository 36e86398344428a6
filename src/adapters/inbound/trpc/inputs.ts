import { z } from 'zod';

/* The shape of inputs, and how long a string may be at all. What makes a good name, address or password is the domain's business. */

const name = z.string().max(400);
const email = z.string().max(512);
const password = z.string().max(1_024);
const token = z.string().max(256);

export const registerInput = z.strictObject({ name, email, password });
export const resendInput = z.strictObject({ email: email.optional() });
export const changeEmailInput = z.strictObject({ email });
export const disownInput = z.strictObject({ token });
export const verifyEmailInput = z.strictObject({
  token,
  password: password.optional(),
  newPassword: password.optional(),
  name: name.optional(),
});
export const loginInput = z.strictObject({ email, password });
