import { eq } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { queueForTenant } from '@/db/transaction';

export type Tenant = typeof tenants.$inferSelect;

/** The tenant of a row that names it, so it is there. */
export async function findTenant(tenantId: string, on: Tx | typeof db = db): Promise<Tenant> {
  const [tenant] = await on.select().from(tenants).where(eq(tenants.id, tenantId)).prepare('find_tenant').execute();
  if (!tenant) throw new Error(`No tenant ${tenantId}`);
  return tenant;
}

/**
 * The same, held so that what it requires is still so when the deed commits: whoever changes it waits. Taken before any
 * person is held, as the deeds of admins do.
 */
export async function holdTenant(tx: Tx, tenantId: string): Promise<Tenant> {
  await queueForTenant(tx, tenantId, 'together');
  const [tenant] = await tx.select().from(tenants).where(eq(tenants.id, tenantId)).for('share');
  if (!tenant) throw new Error(`No tenant ${tenantId}`);
  return tenant;
}

export async function findTenantBySlug(slug: string, on: Tx | typeof db = db): Promise<Tenant | null> {
  // No text of Postgres holds a NUL; it would fail the statement.
  if (slug.includes('\0')) return null;
  const [tenant] = await acrossTenants(() => on.select().from(tenants).where(eq(tenants.slug, slug)));
  return tenant ?? null;
}
