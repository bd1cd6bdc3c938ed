import { z } from 'zod';
import { MOST_HOURS } from '@/db/schema/tenants';
import type { SecuritySettings } from '@/lib/audit/catalogue';
import { readDomain } from '@/lib/tenants/invitation-domains';

export const SECURITY_PATH = '/administration/access/security';
const MOST_DOMAINS = 100;

const hours = (what: string) => {
  const words = `${what} must be a whole number of hours from 1 to ${MOST_HOURS}.`;
  return z
    .string()
    .trim()
    .regex(/^\d{1,4}$/, words)
    .transform(Number)
    .pipe(z.number().min(1, words).max(MOST_HOURS, words));
};

const domains = z
  .string()
  .max(20_000)
  .default('')
  .transform((text, context): string[] => {
    const typed = text.split(/[\s,;]+/).filter(Boolean);
    const read = typed.map((word) => {
      const domain = readDomain(word);
      if (domain === null) context.addIssue(`“${word.slice(0, 80)}” is not a domain such as example.com.`);
      return domain ?? '';
    });
    if (read.length > MOST_DOMAINS) context.addIssue(`At most ${MOST_DOMAINS} domains.`);
    return [...new Set(read)].sort();
  });

/** The settings as the form sends them and the URL of the review page carries them. */
export const settingsInput = z
  .object({
    mfaRequired: z.enum(['yes', 'no']).transform((value) => value === 'yes'),
    sessionIdleHours: hours('The time without use'),
    sessionAbsoluteHours: hours('The longest time'),
    invitationHours: hours('The validity'),
    invitationDomains: domains,
  })
  .refine((it) => it.sessionIdleHours <= it.sessionAbsoluteHours, {
    path: ['sessionIdleHours'],
    message: 'The time without use cannot be longer than the longest time.',
  }) satisfies z.ZodType<SecuritySettings>;

export const settingsParams = (settings: SecuritySettings): Record<string, string> => ({
  mfaRequired: settings.mfaRequired ? 'yes' : 'no',
  sessionIdleHours: String(settings.sessionIdleHours),
  sessionAbsoluteHours: String(settings.sessionAbsoluteHours),
  invitationHours: String(settings.invitationHours),
  invitationDomains: settings.invitationDomains.join(' '),
});
