import type { Rule } from './rule';

export const attacks: Rule[] = [
  {
    rule: 'fuzz: nobody renames another’s passkey',
    file: 'lib/mfa/remove.ts',
    take: 'const which = and(passkeysOf(user), eq(passkeys.id, input.passkeyId));',
    leave: 'const which = and(eq(passkeys.tenantId, user.tenantId), eq(passkeys.id, input.passkeyId));',
    test: 'tests/attacks/fuzz-actions.test.ts',
  },
  {
    rule: 'fuzz: a person is looked for in the tenant',
    file: 'lib/users/find.ts',
    take: 'and(eq(users.tenantId, tenantId), eq(users.id, userId))',
    leave: 'eq(users.id, userId)',
    test: 'tests/attacks/fuzz-actions.test.ts',
  },
  {
    rule: 'fuzz: no form leads to another site',
    file: 'app/own-path.ts',
    take: "if (typeof given !== 'string' ||",
    leave: "if (typeof given === 'string') return given;\n  if (typeof given !== 'string' ||",
    test: 'tests/attacks/fuzz-actions.test.ts',
  },
  {
    rule: 'fuzz: an action is called with no form',
    file: 'app/given-form.ts',
    take: 'data instanceof FormData ? data : new FormData()',
    leave: 'data as FormData',
    test: 'tests/attacks/fuzz-actions.test.ts',
  },
  {
    rule: 'fuzz: a refusal is in our own words',
    file: 'app/form-action.ts',
    take: '{ error: () => CHECK }',
    leave: '{}',
    test: 'tests/attacks/fuzz-actions.test.ts',
  },
  {
    rule: 'fuzz: an export asks for a form',
    file: 'app/given-form.ts',
    take: '.catch(() => null)',
    leave: '',
    test: 'tests/attacks/fuzz-routes.test.ts',
  },
  {
    rule: 'a filter by time has a time that Postgres knows',
    file: 'lib/scim/filter.ts',
    take: '!isKeptTime(at)',
    leave: 'Number.isNaN(at.getTime())',
    test: 'tests/db/kept-time.test.ts',
  },
  {
    rule: 'a day of the Audit Log is one that Postgres knows',
    file: 'app/administration/access/audit-log/search-params.ts',
    take: '.regex(/^[1-8]/)',
    leave: '',
    test: 'tests/db/kept-time.test.ts',
  },
];
