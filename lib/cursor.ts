import { z } from 'zod';

/** A place in a list as it stands in an address: what the row there is sorted by, as texts; of the API, after the list's name. */
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

/** A cursor that another list, or nobody, has made. */
export class ForeignCursor extends Error {}
