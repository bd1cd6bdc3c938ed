import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/**
 * An edit form may have been opened some time ago, and must not revert what another admin has changed since then. So only
 * values that differ from those it showed (`components/form/shown.tsx`) count as changes.
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
