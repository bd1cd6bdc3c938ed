import { z } from 'zod';

/** A position in a list, encoded for a URL: the row's sort values as texts. API cursors start with the list's name. */
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
        .max(4)
        .parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    } catch {
      context.addIssue('not a cursor');
      return z.NEVER;
    }
  });

/** Thrown for a cursor that was made for another list, or made up. */
export class ForeignCursor extends Error {}
