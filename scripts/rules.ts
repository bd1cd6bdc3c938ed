import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `npm run test:rules`: takes each rule out of a copy of the committed code and expects its test to fail. A rule whose test
 * still passes is not proven by it. With a word after it, only the rules that have that word.
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
    rule: '6. the audit log only grows',
    file: 'db/migrations/0004_chain_the_audit_log.sql',
    take: 'CREATE TRIGGER audit_entries_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries EXECUTE FUNCTION audit_refuse();',
    leave: 'CREATE TRIGGER audit_entries_grow BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION audit_refuse();',
    test: 'tests/db/audit-chain.test.ts',
  },
  {
    rule: '6. the next link waits for the commit of the one before',
    file: 'db/migrations/0004_chain_the_audit_log.sql',
    take: 'SELECT * INTO head FROM audit_heads WHERE tenant_id = new.tenant_id FOR NO KEY UPDATE;\n  IF NOT FOUND',
    leave: 'SELECT * INTO head FROM audit_heads WHERE tenant_id = new.tenant_id;\n  IF NOT FOUND',
    test: 'tests/db/audit-chain.test.ts',
  },
  {
    rule: '6. a cut end stays cut: links go on from the head',
    file: 'db/migrations/0004_chain_the_audit_log.sql',
    take: 'IF link.number > head.number THEN',
    leave: 'IF link.number IS NOT NULL THEN',
    test: 'tests/lib/audit/verify.test.ts',
  },
  {
    rule: '6. an entry without a link is found',
    file: 'lib/audit/verify.ts',
    take: 'const stranger = await findStranger(tx, tenantId);',
    leave: 'const stranger = null as Awaited<ReturnType<typeof findStranger>>;',
    test: 'tests/lib/audit/verify.test.ts',
  },
  {
    rule: '6. the head is compared with the chain',
    file: 'lib/audit/verify.ts',
    take: 'if (kept && kept.number > entries)',
    leave: 'if (kept && kept.number < 0)',
    test: 'tests/lib/audit/verify.test.ts',
  },
  {
    rule: '7. a key ends with its creator’s access',
    file: 'lib/users/cut-access.ts',
    take: 'const keysRevoked = await revokeKeys(tx, now, user);',
    leave: 'const keysRevoked = 1; void revokeKeys;',
    test: 'tests/lib/api-keys/api-keys.test.ts',
  },
  {
    rule: '7. the look-up of a key joins on an active creator',
    file: 'lib/api-keys/find.ts',
    take: "eq(users.status, 'active'),",
    leave: '',
    test: 'tests/lib/api-keys/api-keys.test.ts',
  },
  {
    rule: '7. a key’s authority is read again in the deed',
    file: 'lib/users/deed.ts',
    take: ', isNull(apiKeys.revokedAt)',
    leave: '',
    test: 'tests/lib/api-keys/api-keys.test.ts',
  },
  {
    rule: '7. a key of another tenant does not exist',
    file: 'lib/api-keys/revoke.ts',
    take: 'eq(apiKeys.tenantId, actor.tenantId), ',
    leave: '',
    test: 'tests/lib/api-keys/api-keys.test.ts',
  },
  {
    rule: '7. a standard user’s key is refused',
    file: 'lib/api/door.ts',
    take: "if (actor.role !== 'tenant_admin')",
    leave: "if (actor.role === ('nobody' as string))",
    test: 'tests/lib/api/contract.test.ts',
  },
  {
    rule: 'an Idempotency-Key is claimed before the deed',
    file: 'lib/api/idempotency.ts',
    take: 'if (claimed.length === 0) return stored(own, fingerprint);',
    leave: 'void claimed; void stored;',
    test: 'tests/lib/api-keys/api-keys.test.ts',
  },
  {
    rule: 'a page of the log is a range of an index',
    file: 'db/migrations/0004_chain_the_audit_log.sql',
    take: 'CREATE INDEX audit_by_action ON audit_entries (tenant_id, action, id) INCLUDE (actor_kind);',
    leave: 'SELECT 1;',
    test: 'tests/lib/audit/list.test.ts',
  },
  {
    rule: 'cells are no formulas',
    file: 'lib/csv.ts',
    take: 'escape_formulas: true',
    leave: 'escape_formulas: false',
    test: 'tests/lib/users/export.test.ts',
  },
];

const copy = mkdtempSync(join(tmpdir(), 'rollcall-rules-'));
const archive = execFileSync('git', ['archive', 'HEAD'], { maxBuffer: 1 << 28 });
execFileSync('tar', ['-x', '-C', copy], { input: archive });
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));

const only = process.argv[2] ?? '';
let unproven = 0;
for (const { rule, file, take, leave, test } of RULES.filter(({ rule }) => rule.includes(only))) {
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
