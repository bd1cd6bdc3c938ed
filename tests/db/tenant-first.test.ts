import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';

/**
 * What a Postgres that distributes asks of the tables (docs/scaling.md): rows of a tenant are found, and held together, by
 * `tenant_id`. These lists say where it is not so yet; a table or key that is new to them is either led by the tenant or
 * added here and there with its reason.
 */
/** Nobody's yet, or everybody's: a question before a sign-in, a count, the product's own keys, a link of the first start. */
const OF_NO_TENANT = [
  'lasting_keys',
  'passkey_challenges',
  'rate_limits',
  'saml_keys',
  'setup_links',
  'totp_enrolments',
];
/** Only ever reached by what names them: a key, a person, the handle that one holds. */
const NOT_LED_BY_TENANT = ['api_answers', 'known_devices', 'saml_arrivals'];
/** They name a row of the same deed by its id alone. */
const REFER_BY_ID = [
  'invitations_mail_id_mails_id_fk',
  'password_resets_mail_id_mails_id_fk',
  'saml_sessions_session_id_sessions_id_fk',
];
/** Unique in the whole installation, because it is known before the tenant is. */
const UNIQUE_EVERYWHERE = [
  'api_keys_token',
  'invitations_token',
  'passkeys_credential',
  'password_resets_token',
  'saml_arrivals_pkey',
  'saml_domains_pkey',
  'scim_tokens_hash',
  'sessions_token',
];
/** A random id that needs no help to be unique: the tenant could be added to the key without another change. */
const UNIQUE_BY_ID = [
  'api_answers_key_id_idempotency_key_pk',
  'api_keys_pkey',
  'invitations_pkey',
  'jobs_pkey',
  'known_devices_user_id_token_hash_pk',
  'mails_pkey',
  'passkeys_pkey',
  'password_resets_pkey',
  'saml_connections_pkey',
  'saml_exchanges_pkey',
  'saml_sessions_pkey',
  'scim_exchanges_pkey',
  'scim_groups_pkey',
  'scim_tokens_pkey',
  'sessions_pkey',
  'users_pkey',
];

const names = async (query: ReturnType<typeof sql>): Promise<string[]> =>
  (await db.execute<{ name: string }>(query)).map(({ name }) => name);

const TENANT_TABLES = sql`(
  select attrelid as id, attnotnull from pg_attribute a join pg_class c on c.oid = attrelid
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and attname = 'tenant_id') tenant_tables`;

describe('a table', () => {
  test('says of each row whose it is, unless it is nobody’s', async () => {
    expect(
      await names(sql`select relname as name from pg_class c
        where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relname not in ('tenants', '__drizzle_migrations')
          and not exists (select 1 from pg_attribute where attrelid = c.oid and attname = 'tenant_id') order by 1`),
    ).toEqual(OF_NO_TENANT);
    expect(await names(sql`select id::regclass::text as name from ${TENANT_TABLES} where not attnotnull`)).toEqual([]);
  });

  test('of a tenant has an index that begins with the tenant', async () => {
    expect(
      await names(sql`select id::regclass::text as name from ${TENANT_TABLES}
        where not exists (
          select 1 from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
          where indrelid = id and attname = 'tenant_id')
        order by 1`),
    ).toEqual(NOT_LED_BY_TENANT);
  });

  test('of a tenant is unique within the tenant, save where it is known by a secret, or by its id', async () => {
    const found =
      await names(sql`select indexrelid::regclass::text as name from pg_index join ${TENANT_TABLES} on id = indrelid
      where indisunique and not exists (
        select 1 from pg_attribute where attrelid = indrelid and attname = 'tenant_id' and attnum = any (indkey))
      order by 1`);
    expect(found).toEqual([...UNIQUE_EVERYWHERE, ...UNIQUE_BY_ID].sort());
  });

  test('of a tenant refers to another by the tenant and the id, on both sides at the same place', async () => {
    expect(
      await names(sql`select conname as name from pg_constraint
        join ${TENANT_TABLES} on id = conrelid
        where contype = 'f' and confrelid <> 'tenants'::regclass and not exists (
          select 1 from unnest(conkey, confkey) as pair (here, there)
          join pg_attribute h on h.attrelid = conrelid and h.attnum = here
          join pg_attribute t on t.attrelid = confrelid and t.attnum = there
          where h.attname = 'tenant_id' and t.attname = 'tenant_id')
        order by 1`),
    ).toEqual(REFER_BY_ID);
  });
});
