import { describe, expect, test } from 'vitest';
import { shapeOf, speaksOf } from '@/db/statement-tenant';
import { TENANT_COLUMNS } from '@/db/tenant-tables';
import { db } from '../support/open-database';

const A = "'0192a000-0000-7000-8000-00000000000a'";

const TIED: [statement: string, params: number[], literals?: string[]][] = [
  ['select id from users where tenant_id = $1', [1]],
  ['select id from users where $2 = id and (status = $3 and tenant_id = $1::uuid)', [1]],
  [`select id from users where tenant_id = ${A}`, [], [A.slice(1, -1)]],
  ['select * from users u where (u.tenant_id, u.id) = ($1, $2)', [1]],
  ['select * from tenants where id = $4 for update of tenants', [4]],
  ['select 1 from users join tenants on tenants.id = users.tenant_id where users.tenant_id = $1', [1]],
  ['select 1 from users u left join invitations i on i.tenant_id = u.tenant_id where u.tenant_id = $1', [1]],
  ['select 1 from users u right join invitations i on i.tenant_id = u.tenant_id where i.tenant_id = $1', [1]],
  ['select 1 from users u, sessions s where u.tenant_id = $1 and s.tenant_id = u.tenant_id', [1]],
  ['select exists (select 1 from mails m where m.tenant_id = u.tenant_id) from users u where u.tenant_id = $1', [1]],
  [
    'with page as (select id as it from users where tenant_id = $1) select users.* from page join users on users.id = page.it',
    [1],
  ],
  [
    'with u as (select * from users where tenant_id = $1) select 1 from u join sessions s on s.tenant_id = u.tenant_id',
    [1],
  ],
  ['select 1 from (select tenant_id from users where tenant_id = $1) d join mails m on m.tenant_id = d.tenant_id', [1]],
  [
    'select 1 from users u cross join lateral (select 1 from mails where tenant_id = u.tenant_id) m where u.tenant_id = $2',
    [2],
  ],
  ['select 1 from users where tenant_id = $1 union all select 1 from mails where tenant_id = $2', [1, 2]],
  ['insert into mails (id, tenant_id) values ($1, $2), ($3, $4)', [2, 4]],
  ['insert into mails (id, tenant_id) select gen_random_uuid(), $1::uuid from unnest($2::text[])', [1]],
  ['insert into mails (id, tenant_id) select id, tenant_id from users where tenant_id = $1', [1]],
  [
    'insert into scim_errors (tenant_id, count) values ($1, 1) on conflict (tenant_id, hour) do update set count = 2',
    [1],
  ],
  ['insert into saml_domains (domain, tenant_id) values ($1, $2) on conflict (domain) do nothing', [2]],
  [
    'insert into saml_domains (domain, tenant_id) values ($1, $2) on conflict (domain) do update set verified_at = now() where saml_domains.tenant_id = excluded.tenant_id',
    [2],
  ],
  ['update users set role = $1 where tenant_id = $2 and id = $3', [2]],
  [
    'update sessions set ended_at = $1 from (select id from sessions where tenant_id = $2) due where sessions.id = due.id',
    [2],
  ],
  ['delete from mails using users u where mails.tenant_id = u.tenant_id and u.tenant_id = $1', [1]],
  ['copy (select email from users where tenant_id = $1) to stdout', [1]],
  ['explain analyze select 1 from users where tenant_id = $1', [1]],
];

const UNTIED: [what: string, statement: string][] = [
  ['no condition', 'select id from users'],
  ['an id alone', 'select id from users where id = $1'],
  ['one of several', 'select id from users where tenant_id in ($1, $2)'],
  ['any of an array', 'select id from users where tenant_id = any($1)'],
  ['another comparison', 'select id from users where tenant_id >= $1'],
  ['an alternative', 'select id from users where tenant_id = $1 or email = $2'],
  ['the contrary', 'select id from users where not (tenant_id = $1)'],
  ['itself', 'select id from users where tenant_id = tenant_id'],
  ['what injection makes of it', `select id from users where tenant_id = $1 and email = '' or '' = ''`],
  ['a second arm, injected', 'select id from users where tenant_id = $1 union select id from mails'],
  ['a second statement, injected', 'select id from users where tenant_id = $1; delete from users'],
  ['a joined table', 'select 1 from users u join mails m on m.user_id = u.id where u.tenant_id = $1'],
  [
    'the kept side of an outer join',
    'select 1 from users u left join mails m on u.tenant_id = $1 and m.tenant_id = $1',
  ],
  [
    'both sides of a full join',
    'select 1 from users u full join mails m on m.tenant_id = u.tenant_id and u.tenant_id = $1',
  ],
  [
    'what is outside, by a condition inside',
    'select 1 from users u where exists (select 1 from tenants t where t.id = $1 and u.tenant_id = $1)',
  ],
  ['a subquery', 'select (select count(*) from mails) from users where tenant_id = $1'],
  ['a condition only outside', 'select 1 from (select * from users) u where u.tenant_id = $1'],
  [
    'a neighbour, without LATERAL',
    'select 1 from users u, (select 1 from mails m where m.tenant_id = u.tenant_id) d where u.tenant_id = $1',
  ],
  ['a name that a CTE takes', 'with users as (select * from users) select * from users'],
  ['a column that an alias renames', 'select 1 from users as u(tenant_id) where u.tenant_id = $1'],
  [
    'an id of another table',
    'with m as (select id from mails where tenant_id = $1) select 1 from m join users on users.id = m.id',
  ],
  [
    'an id that is not unique by itself',
    'with e as (select id from audit_entries where tenant_id = $1) select 1 from e join audit_entries a on a.id = e.id',
  ],
  ['a schema named', 'select 1 from public.users'],
  ['a CTE that writes', 'with gone as (delete from mails returning id) select 1 from gone'],
  ['an insert without the column', 'insert into mails (id) values ($1)'],
  ['an insert of every column', 'insert into mails values ($1, $2)'],
  ['an insert by default', 'insert into mails (id, tenant_id) values ($1, default)'],
  [
    'an insert of another column',
    'insert into mails (id, tenant_id) select id, user_id from users where tenant_id = $1',
  ],
  [
    'an insert over another’s row',
    'insert into saml_domains (domain, tenant_id) values ($1, $2) on conflict (domain) do update set verified_at = now()',
  ],
  [
    'an insert that moves a row',
    'insert into saml_domains (domain, tenant_id) values ($1, $2) on conflict (domain) do update set tenant_id = excluded.tenant_id where saml_domains.tenant_id = excluded.tenant_id',
  ],
  ['an update that moves a row', 'update users set tenant_id = $1 where tenant_id = $2'],
  ['an update', 'update users set role = $1 where id = $2'],
  ['a delete', 'delete from users where id = $1'],
  ['a truncation', 'truncate users'],
  [
    'a merge',
    'merge into users u using mails m on m.tenant_id = u.tenant_id and u.tenant_id = $1 when matched then delete',
  ],
  ['a whole table copied', 'copy users to stdout'],
  ['a table locked', 'lock table users'],
  ['what is not read', 'do $$ begin delete from users; end $$'],
];

describe('of which tenant a statement speaks', () => {
  test.each(TIED)('%s', (statement, params, literals = []) => {
    expect(speaksOf(statement)).toEqual({ params, literals });
  });

  test.each(UNTIED)('%s ties nothing', (_, statement) => {
    expect(speaksOf(statement)).toHaveProperty('untied');
  });

  test.each(['select 1', 'select set_config($1, $2, true)', 'delete from rate_limits where key = $1', 'begin'])(
    '%s is of no tenant',
    (statement) => {
      expect(speaksOf(statement)).toBe('of none');
    },
  );
});

describe('a statement of many rows', () => {
  test.each([
    [
      'insert into "mails" ("tenant_id", "id") values ($1, $2), ($3, default), ($5, $6) returning "id"',
      'insert into "mails" ("tenant_id", "id") values ($1, $2) returning "id"',
      [3, 5],
    ],
    [
      'insert into "mails" ("id", "tenant_id") values ($1, $2), ($3, $4)',
      'insert into "mails" ("id", "tenant_id") values ($1, $2)',
      [4],
    ],
    [
      'select 1 from users where id in ($1, $2, $3) and tenant_id = $4',
      'select 1 from users where id in ($1) and tenant_id = $4',
      [],
    ],
  ])('is read by its first: %s', (text, shape, params) => {
    expect(shapeOf(text)).toEqual({ shape, params });
  });

  test.each([
    'insert into "mails" ("id", "tenant_id") values ($1, $2), ($3, default)',
    'insert into "mails" ("id", "tenant_id") values ($1, $2), ($3, (select id from tenants))',
    'insert into "mails" ("id", "tenant_id") values ($1, $2); delete from "mails"',
    'insert into "rate_limits" ("key", "count") values ($1, $2), ($3, $4)',
  ])('is left as it is where a row is another kind: %s', (text) => {
    expect(shapeOf(text)).toEqual({ shape: text, params: [] });
  });
});

/** What belongs to a session, a browser or the product. Their rows are reached by a secret, or by a session that was found. */
const WITHOUT_TENANT = [
  'lasting_keys',
  'passkey_challenges',
  'rate_limits',
  'saml_keys',
  'setup_links',
  'totp_enrolments',
];

test('every table is a tenant’s, or is known not to be', async () => {
  const rows = await db.$client<{ name: string; hasTenant: boolean }[]>`
    select t.table_name as name, bool_or(c.column_name = 'tenant_id') as "hasTenant"
    from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
    where t.table_schema = 'public' group by 1`;
  const named = (hasTenant: boolean) => rows.filter((row) => row.hasTenant === hasTenant).map(({ name }) => name);
  expect([...TENANT_COLUMNS.keys()].sort()).toEqual([...named(true), 'tenants'].sort());
  expect(named(false).sort()).toEqual([...WITHOUT_TENANT, 'tenants'].sort());
});
