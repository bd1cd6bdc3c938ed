import { z } from 'zod';
import { shownField } from '@/app/meant';
import { MOST_DOMAINS } from '@/lib/saml/domains';
import { MOST_GROUPS } from '@/lib/saml/groups';
import { readDomain } from '@/lib/tenants/invitation-domains';
import { idField } from '@/lib/users/fields';

/** The inputs of the forms in this area. An unticked checkbox sends nothing. */
const tick = z
  .literal('on')
  .optional()
  .transform((value) => value === 'on');

const attributeName = z
  .string()
  .trim()
  .max(256, 'An attribute name has at most 256 characters.')
  .transform((name) => name || null);

export const optionsInput = z.object({
  strict: tick,
  jit: tick,
  idpInitiated: tick,
  signRequests: tick,
  emailAttribute: attributeName,
  firstNameAttribute: attributeName,
  lastNameAttribute: attributeName,
  shown: shownField,
});

export const domainsInput = z.object({
  domains: z
    .string()
    .max(20_000)
    .transform((text, context): string[] => {
      const read = text
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map((word) => {
          const domain = readDomain(word);
          if (domain === null) context.addIssue(`“${word.slice(0, 80)}” is not a domain such as example.com.`);
          return domain ?? '';
        });
      if (read.length > MOST_DOMAINS) context.addIssue(`At most ${MOST_DOMAINS} domains.`);
      return [...new Set(read)];
    }),
  shown: shownField,
});

const groupLines = z
  .string()
  .max(20_000)
  .transform((text, context): string[] => {
    const groups = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean);
    if (groups.length > MOST_GROUPS) context.addIssue(`At most ${MOST_GROUPS} groups.`);
    if (groups.some((group) => group.length > 256)) context.addIssue('A group has at most 256 characters.');
    return [...new Set(groups)];
  });

/** An empty attribute name means that groups are not mapped. */
export const mappingInput = z
  .object({ groupAttribute: attributeName, adminGroups: groupLines, seen: z.string().max(50).optional() })
  .refine(({ groupAttribute, adminGroups }) => groupAttribute !== null || adminGroups.length === 0, {
    path: ['groupAttribute'],
    message: 'Enter the name of the attribute in which the provider sends groups.',
  })
  .transform(({ groupAttribute, adminGroups, seen }) => ({
    mapping: groupAttribute === null ? null : { groupAttribute, adminGroups },
    seen,
  }));

export const requireInput = z.object({
  breakGlass: z.preprocess(
    (ids) => (ids === undefined ? [] : Array.isArray(ids) ? ids : [ids]),
    z.array(idField).max(50, 'At most 50 break-glass admins.'),
  ),
  seen: z
    .string()
    .max(40_000)
    .transform((ids) => ids.split(' ').filter(Boolean))
    .optional(),
});
