import { eq } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { queueForTenant } from '@/db/transaction';

export type Tenant = typeof tenants.$inferSelect;

/** For a tenant id read from a row, so the tenant exists. Throws if it does not. */
export async function findTenant(tenantId: string, on: Tx | typeof db = db): Promise<Tenant> {
  const [tenant] = await on.select().from(tenants).where(eq(tenants.id, tenantId)).prepare('find_tenant').execute();
  if (!tenant) throw new Error(`No tenant ${tenantId}`);
  return tenant;
}

/**
 * The same, locked so that the tenant's requirements still hold at commit: a change of them waits. Take this lock before locking
 * any person, as admin commands do.
 */
export async function holdTenant(tx: Tx, tenantId: string): Promise<Tenant> {
  await queueForTenant(tx, tenantId, 'together');
  const [tenant] = await tx.select().from(tenants).where(eq(tenants.id, tenantId)).for('share');
  if (!tenant) throw new Error(`No tenant ${tenantId}`);
  return tenant;
}

export async function findTenantBySlug(slug: string, on: Tx | typeof db = db): Promise<Tenant | null> {
  // Postgres text cannot contain NUL; the statement would fail.
  if (slug.includes('\0')) return null;
  const [tenant] = await acrossTenants(() => on.select().from(tenants).where(eq(tenants.slug, slug)));
  return tenant ?? null;
}
