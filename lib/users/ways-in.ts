import { and, eq, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import type { SamlMode } from './last-admin';
import { untilListChanges } from './until-list-changes';

/**
 * How far a tenant is from locking itself out. The rule is that of `last-admin.ts`, split by way to sign in; a test keeps the two
 * in step. Counts up to MANY, so it reads a few entries of two small indexes (`users_with_password`, `users_with_saml`), however
 * large the tenant is.
 */
export const MANY = 4;
export type WaysIn = { admins: number; withoutProvider: number; saml: SamlMode };

export async function findWaysIn(tenantId: string): Promise<WaysIn> {
  // Literals instead of parameters, so that the planner can use the partial indexes.
  const anAdmin = and(
    eq(users.tenantId, tenantId),
    sql`${users.role} = 'tenant_admin'`,
    sql`${users.status} = 'active'`,
  );
  // Break-glass admins come first: if only they may use a password, the first few rows are enough to count them.
  const [found] = await db.execute<WaysIn>(sql`
    with by_password as (
      select ${users.id} as id, ${users.breakGlass} as break_glass from ${users}
      where ${anAdmin} and ${users.passwordHash} is not null order by ${users.breakGlass} desc limit ${MANY}
    ), by_saml as (
      select ${users.id} as id from ${users} where ${anAdmin} and ${users.samlEnabled} limit ${MANY}
    )
    select ${tenants.saml} as saml,
      (select count(*) from by_password where ${tenants.saml} <> 'required' or break_glass)::int as "withoutProvider",
      (select count(*) from (
        select id from by_password where ${tenants.saml} <> 'required' or break_glass
        union select id from by_saml where ${tenants.saml} <> 'off'
        limit ${MANY}) either)::int as admins
    from ${tenants} where ${eq(tenants.id, tenantId)}`);
  if (!found) throw new Error(`No tenant ${tenantId}`);
  return found;
}

export const waysInAt = untilListChanges(findWaysIn);
