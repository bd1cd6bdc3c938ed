import type { Rule } from './rule';

const ASKS = "if (!(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');";

const asked: [what: string, file: string, take: string, leave?: string][] = [
  [
    'a role',
    'lib/users/role.ts',
    "input.role === 'tenant_admin' && !(await hasRecentProof(tx, now, actor))",
    'false as boolean',
  ],
  [
    'a role of many',
    'lib/jobs/begin-bulk.ts',
    "deed === 'make-admin' && !(await hasRecentProof(tx, now, actor))",
    'false',
  ],
  [
    'an invitation of an admin',
    'lib/invitations/invite.ts',
    'makesAdmin && !(await hasRecentProof(tx, now, actor))',
    'false',
  ],
  [
    'a list with an admin in it',
    'lib/jobs/begin-import.ts',
    '!(await hasRecentProof(tx, now, actor)) && (await makesAdmins(job, wanted, tx))',
    'false',
  ],
  [
    'going on with what makes admins',
    'lib/jobs/resume.ts',
    '!(await hasRecentProof(tx, now, actor)) && (await isToMakeAdmins(tx, job))',
    'false',
  ],
  ['the link of an invitation', 'lib/invitations/handle.ts', ASKS],
  ['an address', 'lib/users/profile.ts', 'email !== user.email && !(await hasRecentProof(tx, now, actor))', 'false'],
  ['a second factor taken away', 'lib/mfa/reset.ts', ASKS],
  ['groups that make admins', 'lib/saml/groups.ts', 'mapping && !(await hasRecentProof(tx, now, actor))', 'false'],
];

/** A stolen cookie alone lets nobody else in and makes nobody an admin. */
export const freshProof: Rule[] = asked.map(([what, file, take, leave = '']) => ({
  rule: `a fresh proof is asked for: ${what}`,
  file,
  take,
  leave,
  test: 'tests/lib/fresh-proof.test.ts',
}));
