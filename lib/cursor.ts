import { z } from 'zod';

/** A place in a list as it stands in an address: what the row there is sorted by, as texts. */
export const cursor = (at: string[]): string => Buffer.from(JSON.stringify(at)).toString('base64url');

export const cursorField = z
  .string()
  .max(2000)
  .transform((text, context): string[] => {
    try {
      return z
        .array(
          z
            .string()
            .max(300)
            .regex(/^\P{Cc}*$/u),
        )
        .max(3)
        .parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    } catch {
      context.addIssue('not a cursor');
      return z.NEVER;
    }
  });
