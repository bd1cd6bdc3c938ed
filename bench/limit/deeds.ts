import type { Sql } from 'postgres';
import { newId } from '@/db/id';
import { verifyPassword } from '@/lib/crypto/password';
import { hashToken, newToken } from '@/lib/crypto/tokens';

/** The minimum that each command must write: its rows and audit entry, in one statement. Database triggers add the chain. */
type Account = { id: string; tenantId: string; passwordHash: string };

export async function signIn(sql: Sql, email: string, password: string): Promise<string | null> {
  const [account] = await sql<Account[]>`
    select id, tenant_id as "tenantId", password_hash as "passwordHash" from users
    where email_key = lower(${email}) and status = 'active' and password_hash is not null`;
  if (!account || !(await verifyPassword(account.passwordHash, password))) return null;
  const [now, token] = [new Date(), newToken()];
  await sql`
    with session as (
      insert into sessions (id, tenant_id, user_id, token_hash, method, created_at, last_seen_at, authenticated_at)
      values (${newId(now)}, ${account.tenantId}, ${account.id}, ${hashToken(token)}, 'password', ${now}, ${now}, ${now})
    ), seen as (
      update users set last_login_at = ${now}, last_login_method = 'password' where tenant_id = ${account.tenantId} and id = ${account.id}
    )
    insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_id, actor_label, details)
    values (${newId(now)}, ${account.tenantId}, ${now}, 'user.signed-in', 'user', ${account.id}, ${email}, '{}')`;
  return token;
}

export async function invite(sql: Sql, tenantId: string, email: string): Promise<string> {
  const now = new Date();
  const [user, mail] = [newId(now), newId(now)];
  const expires = new Date(now.getTime() + 86_400_000);
  const token = newToken();
  await sql`
    with born as (
      insert into users (id, tenant_id, email, role, status) values (${user}, ${tenantId}, ${email}, 'standard_user', 'invited') returning id
    ), mailed as (
      insert into mails (id, tenant_id, user_id, kind, to_address, message_id, content_sealed, next_attempt_at, created_at, status)
      select ${mail}, ${tenantId}, id, 'invitation', ${email}, ${mail}, ${token}, ${now}, ${now}, 'cancelled' from born returning id
    ), invited as (
      insert into invitations (id, tenant_id, user_id, inviter_name, token_hash, token_sealed, mail_id, created_at, expires_at)
      select ${newId(now)}, ${tenantId}, born.id, 'Admin', ${hashToken(token)}, ${token}, mailed.id, ${now}, ${expires} from born, mailed
    )
    insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_label, target_id, target_label, details)
    select ${newId(now)}, ${tenantId}, ${now}, 'user.invited', 'cli', 'limit', id, ${email}, '{}' from born`;
  return user;
}

export async function inviteAll(sql: Sql, tenantId: string, emails: string[]): Promise<void> {
  const now = new Date();
  const ids = () => emails.map(() => newId(now));
  const tokens = emails.map(newToken);
  const expires = new Date(now.getTime() + 86_400_000);
  await sql`
    with list as (
      select * from unnest(${emails}::text[], ${ids()}::uuid[], ${ids()}::uuid[], ${tokens}::text[], ${tokens.map(hashToken)}::text[], ${ids()}::uuid[], ${ids()}::uuid[])
        as t (email, user_id, mail_id, token, token_hash, invitation_id, entry_id)
    ), born as (
      insert into users (id, tenant_id, email, role, status) select user_id, ${tenantId}, email, 'standard_user', 'invited' from list
    ), mailed as (
      insert into mails (id, tenant_id, user_id, kind, to_address, message_id, content_sealed, next_attempt_at, created_at, status)
      select mail_id, ${tenantId}, user_id, 'invitation', email, mail_id, token, ${now}, ${now}, 'cancelled' from list
    ), invited as (
      insert into invitations (id, tenant_id, user_id, inviter_name, token_hash, token_sealed, mail_id, created_at, expires_at)
      select invitation_id, ${tenantId}, user_id, 'Admin', token_hash, token, mail_id, ${now}, ${expires} from list
    )
    insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_label, target_id, target_label, details)
    select entry_id, ${tenantId}, ${now}, 'user.invited', 'cli', 'limit', user_id, email, '{}' from list`;
}

type Person = { userName: string; name: { givenName: string; familyName: string } };

export async function create(sql: Sql, tenantId: string, { userName, name }: Person): Promise<unknown> {
  const now = new Date();
  const [row] = await sql`
    with born as (
      insert into users (id, tenant_id, email, first_name, last_name, role, status, saml_enabled, scim_user_name, profile_managed_by)
      values (${newId(now)}, ${tenantId}, ${userName}, ${name.givenName}, ${name.familyName}, 'standard_user', 'active', true, ${userName}, 'scim')
      returning *
    ), addressed as (
      insert into scim_emails (tenant_id, user_id, position, value, type, is_primary) select tenant_id, id, 0, email, 'work', true from born
    ), noted as (
      insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_label, target_id, target_label, details)
      select ${newId(now)}, ${tenantId}, ${now}, 'user.created', 'scim', 'limit', id, email, '{}' from born
    ) select id, email, first_name, last_name, status, scim_user_name from born`;
  return row;
}

export async function change(sql: Sql, tenantId: string, id: string, familyName: string): Promise<unknown> {
  const now = new Date();
  const [row] = await sql`
    with changed as (
      update users set last_name = ${familyName} where tenant_id = ${tenantId} and id = ${id}
      returning id, email, first_name, last_name, status, scim_user_name
    ), noted as (
      insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_label, target_id, target_label, details)
      select ${newId(now)}, ${tenantId}, ${now}, 'user.profile-changed', 'scim', 'limit', id, email, '{}' from changed
    ) select * from changed`;
  return row;
}

/** Nothing but the hash: what no sign-in by password can be quicker than. Two at a time, as everywhere. */
export const prove = (password: string): Promise<boolean> => verifyPassword(null, password);
