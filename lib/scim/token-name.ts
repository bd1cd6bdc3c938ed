import { z } from 'zod';

const CONTROL = /\p{Cc}/u;

export const tokenNameField = z
  .string()
  .trim()
  .min(1, 'Enter a name, such as that of the identity provider.')
  .max(60, 'The name may have at most 60 characters.')
  .refine((name) => !CONTROL.test(name), 'The name must not contain control characters.');
