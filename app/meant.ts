import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/**
 * A form that holds what there is was opened some time ago. What another admin has changed since then is not changed back by
 * it: of what it sends, that is meant which differs from what it showed (`components/form/shown.tsx`).
 */
export const shownField = z
  .string()
  .max(100_000)
  .transform((text, context): Record<string, unknown> => {
    try {
      return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    } catch {
      context.addIssue('Open the form again, and enter it once more.');
      return z.NEVER;
    }
  })
  .optional();

export const meant = <T extends object>(given: T, shown: Record<string, unknown> | undefined): Partial<T> =>
  shown === undefined
    ? given
    : (Object.fromEntries(
        Object.entries(given).filter(([name, value]) => !isDeepStrictEqual(value, shown[name])),
      ) as Partial<T>);
