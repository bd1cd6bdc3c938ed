import { and, asc, eq, inArray, isNotNull } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlDomains } from '@/db/schema/saml';
import { tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import type { Actor, MachineActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { readDomain } from '@/lib/tenants/invitation-domains';
import { adminDeed } from '@/lib/users/deed';
import type { Changed } from './connection';

/**
 * Domains whose people are sent from the sign-in page to the tenant's provider. A domain belongs to one tenant. Claiming it
 * needs no proof, so it grants nothing by itself: the page names the tenant before it redirects, and the operator's
 * verification takes a domain from a tenant that only claimed it.
 */
/** Public mail domains, which no tenant may claim. */
const PUBLIC = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com aol.com gmx.de gmx.net web.de proton.me protonmail.com mail.com yandex.com'.split(
    ' ',
  ),
);

export const MOST_DOMAINS = 50;

export const domainOf = (email: string): string | null => readDomain(email.slice(email.lastIndexOf('@') + 1));

export const listDomains = (tenantId: string) =>
  db
    .select({ domain: samlDomains.domain, verifiedAt: samlDomains.verifiedAt })
    .from(samlDomains)
    .where(eq(samlDomains.tenantId, tenantId))
    .orderBy(asc(samlDomains.domain));

/** The tenant whose provider signs this domain's people in; null where none does. */
async function findTenantOfDomain(domain: string): Promise<{ slug: string } | null> {
  const [found] = await acrossTenants(() =>
    db
      .select({ slug: tenants.slug, saml: tenants.saml })
      .from(samlDomains)
      .innerJoin(tenants, eq(tenants.id, samlDomains.tenantId))
      .where(eq(samlDomains.domain, domain)),
  );
  return found && found.saml !== 'off' ? { slug: found.slug } : null;
}

export async function findProviderOf(email: string) {
  const domain = domainOf(email);
  const found = domain ? await findTenantOfDomain(domain) : null;
  return found ? done(found) : refuse('no-provider');
}

export async function isVerifiedDomain(on: Tx | typeof db, tenantId: string, email: string): Promise<boolean> {
  const domain = domainOf(email);
  if (!domain) return false;
  const found = await on
    .select({ domain: samlDomains.domain })
    .from(samlDomains)
    .where(and(eq(samlDomains.tenantId, tenantId), eq(samlDomains.domain, domain), isNotNull(samlDomains.verifiedAt)));
  return found.length > 0;
}

/** `shown`: the domains that the caller saw. What another admin has added or removed since stays. */
export const setDomains = (actor: Actor, { domains, shown }: { domains: string[]; shown?: string[] | undefined }) =>
  adminDeed(actor, async (tx, now) => {
    if (domains.some((domain) => PUBLIC.has(domain))) return refuse('domain-public');
    const before = await tx
      .select({ domain: samlDomains.domain })
      .from(samlDomains)
      .where(eq(samlDomains.tenantId, actor.tenantId))
      .for('update');
    const had = before.map(({ domain }) => domain).sort();
    const seen = shown ?? had;
    const added = domains.filter((domain) => !had.includes(domain) && !shown?.includes(domain));
    const dropped = had.filter((domain) => !domains.includes(domain) && seen.includes(domain));
    if (added.length + dropped.length === 0) return done<Changed>({ auditId: null });
    if (added.length > 0) {
      const taken = await acrossTenants(() =>
        tx.select({ domain: samlDomains.domain }).from(samlDomains).where(inArray(samlDomains.domain, added)),
      );
      if (taken.length > 0) return refuse('domain-taken');
      const rows = added.map((domain) => ({ domain, tenantId: actor.tenantId, createdAt: now }));
      await tx.insert(samlDomains).values(rows);
    }
    if (dropped.length > 0)
      await tx
        .delete(samlDomains)
        .where(and(eq(samlDomains.tenantId, actor.tenantId), inArray(samlDomains.domain, dropped)));
    const after = [...had.filter((domain) => !dropped.includes(domain)), ...added].sort();
    const auditId = await record(tx, now, actor, 'saml.domains-changed', null, { before: had, after });
    return done<Changed>({ auditId });
  });

/** For the operator, who knows the owner. Takes the domain from another tenant unless it is verified for that tenant. */
export const verifyDomain = (operator: MachineActor, { domain }: { domain: string }) =>
  acrossTenants(() =>
    adminDeed(operator, async (tx, now) => {
      const [there] = await tx.select().from(samlDomains).where(eq(samlDomains.domain, domain)).for('update');
      if (there && there.tenantId !== operator.tenantId && there.verifiedAt) return refuse('domain-taken');
      if (there && there.tenantId !== operator.tenantId)
        await record(tx, now, { ...operator, tenantId: there.tenantId }, 'saml.domain-lost', null, { domain });
      await tx
        .insert(samlDomains)
        .values({ domain, tenantId: operator.tenantId, verifiedAt: now, createdAt: now })
        .onConflictDoUpdate({ target: samlDomains.domain, set: { tenantId: operator.tenantId, verifiedAt: now } });
      await record(tx, now, operator, 'saml.domain-verified', null, { domain });
      return done({ domain });
    }),
  );
