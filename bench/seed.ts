import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import postgres, { type Fragment, type TransactionSql } from 'postgres';
import { startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { plain } from '@/db/seed';
import { FIRST_NAMES, LAST_NAMES, USER_AGENTS } from '@/db/seed-names';
import { hashPassword } from '@/lib/crypto/password';

/**
 * Seeds an empty database with millions of example people in a few statements: people, invitations, sessions, authenticator
 * apps and an audit log with a valid chain. Each tenant has an admin `admin@<slug>.example` who signs in with PASSWORD, as do
 * all active people who do not use SAML only. Needs a superuser, since it disables triggers; indexes are built at the end.
 * Runs in one transaction. The same sizes produce the same people.
 *
 * `node --import tsx bench/seed.ts --data-dir DIR|--database-url URL [--sizes 1000000] [--tenants 1000] [--of 1000] [--entries 1000000]`
 */
export type Load = {
  /** One tenant `big-<size>` for each size. */
  sizes: number[];
  /** The number of small tenants `small-1` …, with `of` people each. */
  tenants: number;
  of: number;
  /** Audit entries of the largest tenant. The others have the same number per person, but at least 20. */
  entries: number;
};
export const PASSWORD = 'violet tractor ninety-one';
export const bigTenant = (size: number) => `big-${size}`;
export const adminOf = (slug: string) => `admin@${slug}.example`;

const BUILDING = { shared_buffers: '2GB', max_wal_size: '8GB', synchronous_commit: 'off' };
const WHOLE: Load = { sizes: [1_000_000], tenants: 1000, of: 1000, entries: 1_000_000 };
/** The most frequent last name, at 2.7 %; the others are less and less frequent. */
const COMMONEST = 'Smith';

export async function seedLoad(databaseUrl: string, load: Load = WHOLE): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const password = await hashPassword(PASSWORD);
    await sql.begin(async (tx) => {
      const [there] = await tx`select 1 from users limit 1`;
      if (there) throw new Error('There are people in this database. Seed an empty one.');
      await tx`set local session_replication_role = replica`;
      await tx`set local maintenance_work_mem = '1GB'`;
      await tx`set local work_mem = '256MB'`;
      await tx`select setseed(0.42)`;
      const indexes = await dropIndexes(tx);
      await drawPeople(tx, load);
      await writePeople(tx, password);
      await writeEntries(tx, load.entries / Math.max(...load.sizes));
      for (const { definition } of indexes) await tx.unsafe(definition);
    });
    await sql`vacuum (freeze, analyze)`;
    await sql`checkpoint`;
  } finally {
    await sql.end();
  }
}

/** Building an index over existing rows takes a fifth of the time that row-by-row inserts into it take. */
async function dropIndexes(tx: TransactionSql): Promise<{ definition: string }[]> {
  const indexes = await tx<{ name: string; definition: string }[]>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid = any (array['users', 'invitations', 'sessions', 'totp_factors', 'audit_entries', 'audit_chain']::regclass[])
      and not exists (select 1 from pg_constraint where conindid = indexrelid)
    order by indexrelid`;
  for (const { name } of indexes) await tx.unsafe(`drop index ${name}`);
  return indexes;
}

/** Generates the people in a temporary table; number 1 of each tenant is its admin. Ids are UUIDv7 of the creation time. */
async function drawPeople(tx: TransactionSql, { sizes, tenants, of }: Load): Promise<void> {
  const slugs = [...sizes.map(bigTenant), ...Array.from({ length: tenants }, (_, i) => `small-${i + 1}`)];
  const counts = [...sizes, ...Array<number>(tenants).fill(of)];
  await tx`create temp table tenant on commit drop as
    select slug, size, now() - interval '1300 days' as began,
      ${idOf(tx, tx`slug`, tx`now() - interval '1300 days'`)} as tenant_id
    from unnest(${slugs}::text[], ${counts}::int[]) as t (slug, size)`;
  await tx`insert into tenants (id, slug, name, created_at)
    select tenant_id, slug, initcap(replace(slug, '-', ' ')), began from tenant`;

  await tx`create temp table first_name on commit drop as ${namesOf(tx, FIRST_NAMES, 'Anna')}`;
  await tx`create temp table last_name on commit drop as ${namesOf(tx, LAST_NAMES, COMMONEST)}`;
  await tx`create temp table person on commit drop as
    select tenant_id, i, f.name as first_name, l.name as last_name, status, is_admin, is_saml, came_at as created_at,
      ${idOf(tx, tx`slug || '/' || i`, tx`came_at`)} as id,
      case when i = 1 then 'admin@' || slug || '.example' else f.plain || '.' || l.plain || i || '@' || domain end as email,
      not is_saml_only and status in ('active', 'deactivated') as has_password,
      is_factor and not is_saml_only and status <> 'invited' as has_factor,
      case when status = 'removed' then gone_at end as removed_at,
      case when status <> 'invited' and is_seen then gone_at - login_roll ^ 2 * least(gone_at - came_at, interval '365 days')
        end as last_login_at,
      session_roll
    from (
      select *, case when status = 'invited' then now() - age_roll * case when is_open then interval '1 day' else interval '20 days' end
          else now() - age_roll * interval '1200 days' end as came_at,
        case when status = 'removed' then now() - session_roll * age_roll * interval '29 days' else now() end as gone_at
      from (
        select tenant_id, slug, i,
          case when i = 1 or status_roll < 0.88 then 'active' when status_roll < 0.93 then 'invited'
            when status_roll < 0.99 then 'deactivated' else 'removed' end as status,
          i = 1 or admin_roll < 0.05 as is_admin, i > 1 and saml_roll < 0.3 as is_saml, i > 1 and saml_roll < 0.2 as is_saml_only,
          i > 1 and factor_roll < 0.5 as is_factor, factor_roll < 0.5 as is_open, seen_roll < 0.93 as is_seen,
          (array['example.com', 'example.org', 'mail.example.net'])[1 + floor(seen_roll * 3)::int] as domain,
          floor(first_roll ^ 1.5 * ${FIRST_NAMES.length}) as first_number, floor(last_roll ^ 1.5 * ${LAST_NAMES.length}) as last_number,
          age_roll, login_roll, session_roll
        from tenant, lateral (
          select i, random() as first_roll, random() as last_roll, random() as status_roll, random() as admin_roll,
            random() as saml_roll, random() as factor_roll, random() as seen_roll, random() as age_roll,
            random() as login_roll, random() as session_roll
          from generate_series(1, size) i
        ) rolls
      ) drawn
    ) dated
    join first_name f on f.number = first_number
    join last_name l on l.number = last_number`;
  await tx`create unique index on person (tenant_id, i)`;
  await tx`analyze person`;
}

/** Numbers the names by frequency, the commonest first. A stride keeps frequent names from being alphabetical neighbours. */
const namesOf = (tx: TransactionSql, names: string[], commonest: string) => tx`
  select (place - ${names.indexOf(commonest) + 1} + ${names.length}) * 37 % ${names.length} as number, name, plain
  from unnest(${names}::text[], ${names.map(plain)}::text[]) with ordinality as t (name, plain, place)`;

const idOf = (tx: TransactionSql, seed: Fragment, at: Fragment) => tx`
  overlay(overlay(md5(${seed}) placing lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' from 1 for 13)
    placing '8' from 17 for 1)::uuid`;

async function writePeople(tx: TransactionSql, password: string): Promise<void> {
  await tx`insert into users (id, tenant_id, email, first_name, last_name, role, status, password_hash, mfa_enabled,
      saml_enabled, scim_user_name, scim_external_id, profile_managed_by, last_login_at, last_login_method, created_at,
      changed_at, removed_at, status_before_removal)
    select id, tenant_id, email, first_name, last_name, (case when is_admin then 'tenant_admin' else 'standard_user' end)::user_role,
      status::user_status, case when has_password then ${password} end, has_factor, is_saml, case when is_saml then email end,
      case when is_saml then '00u' || left(md5(email), 17) end, case when is_saml then 'scim'::managed_by end, last_login_at,
      case when last_login_at is not null then (case when is_saml then 'saml' else 'password' end)::sign_in_method end,
      created_at, created_at, removed_at, case when status = 'removed' then 'active'::user_status end
    from person order by created_at`;
  await tx`insert into scim_emails (tenant_id, user_id, position, value, type, is_primary)
    select tenant_id, id, 0, email, 'work', true from person where is_saml`;
  await tx`insert into totp_factors (tenant_id, user_id, secret_sealed, last_step, created_at, last_used_at)
    select tenant_id, id, '', 0, created_at, coalesce(last_login_at, created_at) from person where has_factor`;
  await tx`insert into invitations (id, tenant_id, user_id, inviter_name, token_hash, created_at, expires_at)
    select id, tenant_id, id, 'Admin', md5(id::text), created_at, created_at + interval '24 hours'
    from person where status = 'invited' and session_roll < 0.95`;
  // Live sessions, seen now, for logins within the last 6 days; ended ones for earlier logins.
  await tx`insert into sessions (id, tenant_id, user_id, token_hash, method, created_at, last_seen_at, authenticated_at, ip,
      user_agent, ended_at, end_reason)
    select ${idOf(tx, tx`id::text`, tx`last_login_at`)}, tenant_id, id, md5(id::text), (case when is_saml then 'saml' else 'password' end)::sign_in_method,
      last_login_at, case when is_live then now() else last_login_at end, last_login_at,
      '198.51.100.' || floor(session_roll * 250), (${USER_AGENTS}::text[])[1 + floor(session_roll * ${USER_AGENTS.length})::int],
      case when not is_live then last_login_at + interval '1 hour' end,
      case when not is_live then 'signed-out'::session_end end
    from (select *, last_login_at > now() - interval '6 days' as is_live from person where status = 'active') as seen
    where last_login_at is not null and session_roll < 0.5`;
}

/** Writes four hundred days of audit entries in chronological order, then the chain as the triggers would have made it. */
async function writeEntries(tx: TransactionSql, forEach: number): Promise<void> {
  await tx`insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_id, actor_label, actor_name, target_id,
      target_label, target_name, ip, user_agent, details)
    select ${idOf(tx, tx`t.slug || '#' || k`, tx`at`)}, t.tenant_id, at, action, kind::actor_kind,
      case kind when 'user' then by.id end, case kind when 'user' then by.email when 'scim' then 'Okta' else 'Rollcall' end,
      case kind when 'user' then by.first_name || ' ' || by.last_name end, whom.id, whom.email,
      whom.first_name || ' ' || whom.last_name, '198.51.100.' || k % 250, (${USER_AGENTS}::text[])[1 + k % ${USER_AGENTS.length}],
      details::jsonb
    from (
      select t.*, k, date_trunc('milliseconds', now() - (count - k) * (interval '400 days' / count)) as at,
        1 + floor(random() * size)::int as target, random() as action_roll
      from (select *, greatest(20, round(size * ${forEach}::float8))::int as count from tenant) t, generate_series(1, count) k
    ) t
    join (values (0, 0.7, 'user.signed-in', 'user', '{"method": "password"}'),
      (0.7, 0.8, 'user.sign-in-refused', 'system', '{"reason": "wrong-password"}'),
      (0.8, 0.88, 'user.role-changed', 'user', '{"before": "standard_user", "after": "tenant_admin"}'),
      (0.88, 0.92, 'user.sessions-ended', 'user', '{"sessionsEnded": 1}'),
      (0.92, 0.97, 'user.scim-changed', 'scim', '{"fields": ["name"]}'),
      (0.97, 0.999, 'user.deactivated', 'user', '{"sessionsEnded": 1, "keysRevoked": 0, "invitationsRevoked": 0, "resetsRevoked": 0}'),
      (0.999, 2, 'user.removed', 'user', '{"sessionsEnded": 1, "keysRevoked": 0, "invitationsRevoked": 0, "resetsRevoked": 0}')
    ) as deed (least, most, action, kind, details) on action_roll >= least and action_roll < most
    join person whom on whom.tenant_id = t.tenant_id and whom.i = target
    join person by on by.tenant_id = t.tenant_id and by.i = case when action = 'user.signed-in' then target else 1 end`;
  await tx.unsafe(CHAIN);
}

/** Like `0011_chain_the_audit_log.sql`, which chained the entries that existed before it. */
const CHAIN = `DO $$
  DECLARE
    entry audit_entries;
    head audit_heads;
  BEGIN
    FOR entry IN SELECT * FROM audit_entries ORDER BY tenant_id, id LOOP
      IF head.tenant_id IS DISTINCT FROM entry.tenant_id THEN
        IF head.tenant_id IS NOT NULL THEN INSERT INTO audit_heads (tenant_id, number, hash) VALUES (head.tenant_id, head.number, head.hash); END IF;
        head := (entry.tenant_id, 0, '');
      END IF;
      head.hash := encode(sha256(convert_to(audit_line(entry, head.number + 1, entry.at, head.hash), 'UTF8')), 'hex');
      head.number := head.number + 1;
      INSERT INTO audit_chain VALUES (entry.tenant_id, head.number, entry.id, entry.at, head.hash);
    END LOOP;
    IF head.tenant_id IS NOT NULL THEN INSERT INTO audit_heads (tenant_id, number, hash) VALUES (head.tenant_id, head.number, head.hash); END IF;
  END $$`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      'database-url': { type: 'string' },
      sizes: { type: 'string' },
      tenants: { type: 'string' },
      of: { type: 'string' },
      entries: { type: 'string' },
    },
  });
  const { 'data-dir': dataDir, 'database-url': given } = values;
  const number = (name: 'tenants' | 'of' | 'entries') =>
    values[name] === undefined ? WHOLE[name] : Number(values[name]);
  const load = {
    sizes: values.sizes?.split(',').map(Number) ?? WHOLE.sizes,
    tenants: number('tenants'),
    of: number('of'),
    entries: number('entries'),
  };
  if (!given === !dataDir) throw new Error('Give either --data-dir or --database-url.');
  const own = dataDir ? await startEmbeddedPostgres({ dataDir, settings: BUILDING }) : undefined;
  const url = own?.url ?? String(given);
  const began = performance.now();
  try {
    await migrate(url);
    await seedLoad(url, load);
    console.log(JSON.stringify({ ...load, seconds: Math.round((performance.now() - began) / 1000) }));
  } finally {
    await own?.stop();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
