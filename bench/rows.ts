import type { Sql } from 'postgres';

/**
 * The first page of a tenant's Users list for the bare server and the plain page: one query like the product's, ids first.
 * Eight columns, as texts.
 */
export const COLUMNS = ['Email', 'First Name', 'Last Name', 'Is Active', 'MFA', 'SAML', 'Tenant Admin', 'Last Login'];

type Found = {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  status: string;
  mfa: string;
  saml_enabled: boolean;
  role: string;
  last_login_at: Date | null;
};
export type Row = [id: string, ...cells: string[]];

export async function readRows(sql: Sql, tenantId: string): Promise<Row[]> {
  const found = await sql<Found[]>`
    with page as (
      select id from users where tenant_id = ${tenantId} and status <> 'removed' order by email_key, id limit 51
    )
    select u.id, u.email, u.first_name, u.last_name, u.status, u.mfa, u.saml_enabled, u.role, u.last_login_at
    from page join users u on u.id = page.id order by u.email_key, u.id`;
  return found.slice(0, 50).map(toRow);
}

const yesNo = (value: boolean) => (value ? 'Yes' : 'No');

const toRow = (user: Found): Row => [
  user.id,
  user.email,
  user.first_name,
  user.last_name,
  user.status,
  yesNo(user.mfa === 'set_up'),
  yesNo(user.saml_enabled),
  yesNo(user.role === 'tenant_admin'),
  user.last_login_at?.toISOString() ?? 'Never',
];
