import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { tenants } from '@/db/schema/tenants';
import { transaction } from '@/db/transaction';
import { type Actor, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import type { Tenant } from './find';

/** 1 to 63 letters, digits and hyphens, for use in URLs. The excluded names are pages next to `/sign-in/<slug>`. */
export const SLUG = /^(?!(?:choose|connect|second-factor)$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** "Ünited & Söns Inc." → "united-sons-inc" */
export function slugFrom(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-|-$/g, '');
  return SLUG.test(slug) ? slug : `${slug}-tenant`.replace(/^-/, '');
}

type Named = { slug: string; name: string };

/** Null if the slug is taken. `by` gives the actor. The entry goes to the new tenant's own audit log. */
export async function insertTenant(
  tx: Tx,
  now: Date,
  named: Named,
  by: (tenantId: string) => Actor = systemActor,
): Promise<Tenant | null> {
  const [tenant] = await tx
    .insert(tenants)
    .values({ id: newId(now), createdAt: now, ...named })
    .onConflictDoNothing()
    .returning();
  if (tenant) await record(tx, now, by(tenant.id), 'tenant.created', null, named);
  return tenant ?? null;
}

/** For the operator. A new tenant has no people; its first admin is created next. */
export const createTenant = (named: Named, by: (tenantId: string) => Actor) =>
  transaction(async (tx, now) => {
    const tenant = await insertTenant(tx, now, named, by);
    return tenant ? done({ tenant }) : refuse('slug-taken');
  });
