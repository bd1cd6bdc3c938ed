import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Sql } from 'postgres';

/** Pipes one COPY into the response. Cells are escaped against formulas like the product's. */
export async function exportTo(response: ServerResponse, sql: Sql, tenantId: string): Promise<void> {
  const guarded = (column: string) => `case when ${column} ~ '^[=+@\\t\\r-]' then '''' || ${column} else ${column} end`;
  const copy = sql.unsafe(`
    copy (
      select ${guarded('u.email')}, ${guarded('u.first_name')}, ${guarded('u.last_name')}, u.status, i.expires_at, u.mfa, u.saml_enabled,
        u.role, u.last_login_at, u.last_login_method, u.id
      from users u left join invitations i on i.tenant_id = u.tenant_id and i.user_id = u.id and i.accepted_at is null and i.revoked_at is null
      where u.tenant_id = '${tenantId}' and u.status <> 'removed' order by u.email_key, u.id
    ) to stdout (format csv)`);
  response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
  response.write(
    'Email,First Name,Last Name,Status,Invitation Expires,MFA Enabled,SAML Enabled,Role,Last Login,Last Login Method,User Id\r\n',
  );
  await pipeline(await copy.readable(), response);
}
