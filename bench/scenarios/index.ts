import type { Bench } from '../bench';
import type { Row } from '../results';
import { auditChain } from './audit-chain';
import { auditLog } from './audit-log';
import { browser } from './browser';
import { detail } from './detail';
import { exportUsers } from './export';
import { importList } from './import';
import { invite } from './invite';
import { overload, overloadAnew } from './overload';
import { revocation } from './revocation';
import { scim } from './scim';
import { signIn } from './sign-in';
import { soak } from './soak';
import { usersPage } from './users-page';
import { yardsticks } from './yardsticks';

/** A `long` scenario runs only when it is named. */
export type Scenario = { about: string; long?: true; measure(bench: Bench): AsyncIterable<Row> };

/** In the order in which they run when none is named. */
export const SCENARIOS: Record<string, Scenario> = {
  yardsticks: {
    about: 'the Users page beside the bare server, a plain Next table and its own 304',
    measure: yardsticks,
  },
  'users-page': { about: 'every view of the Users page, by the size of the tenant', measure: usersPage },
  detail: { about: "a person's page", measure: detail },
  'audit-log': { about: 'the audit log', measure: auditLog },
  browser: { about: 'what Chromium makes of the pages', measure: browser },
  'sign-in': { about: 'sign-ins, and the Users page during a storm of them', measure: signIn },
  invite: { about: 'invitations, one by one', measure: invite },
  import: { about: 'a list of ten thousand', measure: importList },
  scim: { about: 'provisioning by SCIM', measure: scim },
  export: { about: 'everybody of the largest tenant as CSV', measure: exportUsers },
  revocation: { about: "from an admin's click to the first refused request, over two processes", measure: revocation },
  overload: { about: 'four times what one process can do, for five minutes', long: true, measure: overload },
  'overload-anew': {
    about: 'the same for a minute, each request on a new connection',
    long: true,
    measure: overloadAnew,
  },
  soak: { about: 'half an hour of a steady load', long: true, measure: soak },
  'audit-chain': { about: 'what the chain of the audit log costs', measure: auditChain },
};
