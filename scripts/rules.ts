import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `npm run test:rules`: takes each rule out of a copy of the committed code and expects its test to fail. A rule whose test
 * still passes is not proven by it.
 */
type Rule = { rule: string; file: string; take: string; leave: string; test: string };

const RULES: Rule[] = [
  {
    rule: '1. a deactivation ends the sessions',
    file: 'lib/users/deactivate.ts',
    take: "await cutAccess(tx, now, user, 'deactivated')",
    leave: '{ sessionsEnded: 2, invitationsRevoked: 0, resetsRevoked: 0 }',
    test: 'tests/lib/users/deactivate.test.ts',
  },
  {
    rule: '1. the look-up of a session joins on an active user',
    file: 'lib/sessions/find.ts',
    take: "eq(users.status, 'active'), ",
    leave: '',
    test: 'tests/lib/sessions/find.test.ts',
  },
  {
    rule: '2. deeds that lessen the admins wait for each other',
    file: 'db/transaction.ts',
    take: "await tx.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenantId)).for('no key update');",
    leave: '',
    test: 'tests/lib/users/role.test.ts',
  },
  {
    rule: '2. the command asks for the last admin',
    file: 'lib/users/policy.ts',
    take: "if (to !== 'tenant_admin' && isLastAdmin(person, otherAdmins)) return 'last-admin' as const;",
    leave: '',
    test: 'tests/lib/users/role.test.ts',
  },
  {
    rule: '2. the database asks for the last admin',
    file: 'db/migrations/0002_keep_an_admin.sql',
    take: 'IF FOUND AND NOT EXISTS',
    leave: 'IF false AND NOT EXISTS',
    test: 'tests/db/keep-an-admin.test.ts',
  },
  {
    rule: '3. nobody deactivates themself',
    file: 'lib/users/policy.ts',
    take: "if (isSelf(actor, person)) return 'self' as const;\n  if (person.status === 'invited')",
    leave: "if (person.status === 'invited')",
    test: 'tests/lib/users/deactivate.test.ts',
  },
  {
    rule: '4. a user of another tenant does not exist',
    file: 'lib/users/find.ts',
    take: 'and(eq(users.tenantId, tenantId), eq(users.id, userId))',
    leave: 'eq(users.id, userId)',
    test: 'tests/lib/other-tenant.test.ts',
  },
  {
    rule: '4. the list is one tenant’s',
    file: 'lib/users/list.ts',
    take: 'eq(users.tenantId, tenantId),',
    leave: '',
    test: 'tests/lib/users/list.test.ts',
  },
  {
    rule: '7. no entry, no deed',
    file: 'lib/audit/record.ts',
    take: 'await tx.insert(auditEntries).values({',
    leave: 'await tx.insert(auditEntries).values({ ...{} }).catch(() => {}); void ({',
    test: 'tests/lib/audit/audit.test.ts',
  },
  {
    rule: '9. addresses are compared without letter case',
    file: 'lib/users/find.ts',
    take: 'users.emailKey} = lower(',
    leave: 'users.email} = (',
    test: 'tests/lib/invitations/invite.test.ts',
  },
  {
    rule: 'authority is read again in the deed',
    file: 'lib/users/deed.ts',
    take: '(await stillAdministers(tx, actor)) ? deed(tx, now)',
    leave: 'mayAdminister(actor) ? deed(tx, now)',
    test: 'tests/lib/users/deactivate.test.ts',
  },
  {
    rule: 'a link is claimed once',
    file: 'lib/auth/reset-password.ts',
    take: "if (!claimed) return refuse('link-dead');",
    leave: '',
    test: 'tests/lib/auth/reset-password.test.ts',
  },
  {
    rule: 'several workers never take the same mail',
    file: 'lib/mail/deliver.ts',
    take: ".for('update', { skipLocked: true })",
    leave: '',
    test: 'tests/lib/mail/deliver.test.ts',
  },
  {
    rule: 'one page of rows is one query',
    file: 'app/administration/access/users/users-table.tsx',
    take: '  const page = await readPage(tenantId, view, now);',
    leave: '  await readPage(tenantId, view, now);\n  const page = await readPage(tenantId, view, now);',
    test: 'tests/lib/users/list.test.ts',
  },
  {
    rule: 'cells are no formulas',
    file: 'lib/users/export.ts',
    take: 'escape_formulas: true',
    leave: 'escape_formulas: false',
    test: 'tests/lib/users/export.test.ts',
  },
  {
    rule: 'SCIM: a deprovisioned person’s access ends before the answer',
    file: 'lib/users/deactivate.ts',
    take: "await cutAccess(tx, now, user, 'deactivated')",
    leave: '{ sessionsEnded: 2, invitationsRevoked: 0, resetsRevoked: 0 }',
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: a revoked token is refused at the door',
    file: 'lib/scim/tokens.ts',
    take: "if (revokedAt !== null) return 'revoked';",
    leave: '',
    test: 'tests/lib/scim/door.test.ts',
  },
  {
    rule: 'SCIM: and within the deed',
    file: 'lib/users/deed.ts',
    take: 'return live !== undefined;',
    leave: 'return true;',
    test: 'tests/lib/scim/door.test.ts',
  },
  {
    rule: 'SCIM: what was begun is undone when a later command refuses',
    file: 'lib/scim/whole.ts',
    take: 'if (!outcome.ok) throw new Undone(outcome.refusal);',
    leave: '',
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: a token sees its own tenant’s people',
    file: 'lib/scim/find.ts',
    take: 'and(eq(users.tenantId, tenantId), sql',
    leave: 'and(sql',
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: somebody local is nobody',
    file: 'lib/scim/person.ts',
    take: "user.scimUserName !== null && user.status !== 'removed'",
    leave: "user.status !== 'removed'",
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: a member is of the own tenant',
    file: 'lib/scim/groups.ts',
    take: '        eq(users.tenantId, group.tenantId),\n',
    leave: '',
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: groups do not take the last admin',
    file: 'lib/users/group-roles.ts',
    take: 'return losing > 0 && admins - losing + gaining <= 0;',
    leave: 'return false;',
    test: 'tests/lib/scim/groups.test.ts',
  },
  {
    rule: 'SCIM: writes that can take an admin wait for each other',
    file: 'lib/scim/requests.ts',
    take: "steps[0].name === 'active' && value !== true",
    leave: "steps[0].name === 'nothing' && value !== true",
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: whom it deleted stays away',
    file: 'lib/scim/person.ts',
    take: 'await noteDeparture(',
    leave: 'if (false as boolean) await noteDeparture(',
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: the fact outlives the row, and a restore releases',
    file: 'lib/users/remove.ts',
    take: 'user.scimDeprovisionedAt === null ? {} : RELEASED',
    leave: '{}',
    test: 'tests/lib/scim/people.test.ts',
  },
  {
    rule: 'SCIM: “False” is false',
    file: 'lib/scim/value.ts',
    take: "return word === 'true';",
    leave: "return word !== '';",
    test: 'tests/lib/scim/patch.test.ts',
  },
  {
    rule: 'SCIM: a password is not kept by PATCH',
    file: 'lib/scim/patch.ts',
    take: ".filter(({ steps }) => steps[0].mutability !== 'writeOnly')",
    leave: '',
    test: 'tests/conformance/rfc-writes.test.ts',
  },
  {
    rule: 'SCIM: nothing compared is false, not unknown',
    file: 'lib/scim/filter-sql.ts',
    take: 'is not true`',
    leave: '= false`',
    test: 'tests/lib/scim/filter-sql.test.ts',
  },
  {
    rule: 'SCIM: a filter’s wildcards are letters',
    file: 'lib/scim/filter-sql.ts',
    take: 'value.replace(/[\\\\%_]/g',
    leave: 'value.replace(/[]/g',
    test: 'tests/lib/scim/filter-sql.test.ts',
  },
  {
    rule: 'SCIM: If-Match is obeyed',
    file: 'lib/scim/person.ts',
    take: "if (expected && !expected.includes(versionOfUser(before))) return refuse('version');\n    const wanted",
    leave: 'const wanted',
    test: 'tests/conformance/rfc-writes.test.ts',
  },
  {
    rule: 'SCIM: a paused tenant’s provider does nothing',
    file: 'lib/scim/door.ts',
    take: 'if (pausedAt)',
    leave: "if (pausedAt && token.name === '')",
    test: 'tests/lib/scim/door.test.ts',
  },
  {
    rule: 'SCIM: the flight recorder keeps no secrets',
    file: 'lib/scim/recorder.ts',
    take: "if (SECRET.test(said)) return [storable(name), '[secret]'];",
    leave: '',
    test: 'tests/lib/scim/door.test.ts',
  },
  {
    rule: 'SCIM: no session counts at its door',
    file: 'lib/auth/gate.ts',
    take: "if (rule.access === 'bearer') return 'pass';",
    leave: '',
    test: 'tests/lib/scim/door.test.ts',
  },
];

const copy = mkdtempSync(join(tmpdir(), 'rollcall-rules-'));
const archive = execFileSync('git', ['archive', 'HEAD'], { maxBuffer: 1 << 28 });
execFileSync('tar', ['-x', '-C', copy], { input: archive });
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));

// With words on the command line, only the rules that have them.
const [words = ''] = process.argv.slice(2);
let unproven = 0;
for (const { rule, file, take, leave, test } of RULES.filter(({ rule }) => rule.includes(words))) {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  if (!whole.includes(take)) throw new Error(`${file} has no “${take}”`);
  writeFileSync(path, whole.replace(take, leave));
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', test], {
    cwd: copy,
    stdio: 'ignore',
  });
  writeFileSync(path, whole);
  if (status === 0) unproven++;
  console.log(`${status === 0 ? 'NOT PROVEN' : 'proven    '}  ${rule}  (${test})`);
}
rmSync(copy, { recursive: true, force: true });
process.exitCode = unproven > 0 ? 1 : 0;
