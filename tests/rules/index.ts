import { attacks } from './attacks';
import { auditLogAndKeys } from './audit-log-and-keys';
import { freshProof } from './fresh-proof';
import { listsAndJobs } from './lists-and-jobs';
import { operating } from './operating';
import { peopleAndWalls } from './people-and-walls';
import type { Rule } from './rule';
import { samlChecks } from './saml-checks';
import { samlMessages } from './saml-messages';
import { scim } from './scim';
import { signInAndMail } from './sign-in-and-mail';

export const RULES: Rule[] = [
  ...peopleAndWalls,
  ...signInAndMail,
  ...freshProof,
  ...listsAndJobs,
  ...auditLogAndKeys,
  ...scim,
  ...samlMessages,
  ...samlChecks,
  ...attacks,
  ...operating,
];
