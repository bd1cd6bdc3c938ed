import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { hashToken } from '@/lib/crypto/tokens';
import { isOpenInvitation } from '@/lib/users/open-links';

/** Null for an unknown, used, revoked or expired link alike, so that the page does not reveal which. Reading changes nothing. */
export async function findOpenInvitation(token: string, now = new Date()) {
  const [found] = await acrossTenants(() =>
    db
      .select({
        tenantId: invitations.tenantId,
        tenantName: tenants.name,
        tenantSlug: tenants.slug,
        saml: tenants.saml,
        userId: users.id,
        email: users.email,
        firstName: users.firstName,
        lastName: users.lastName,
        role: users.role,
        inviterName: invitations.inviterName,
        expiresAt: invitations.expiresAt,
      })
      .from(invitations)
      .innerJoin(users, and(eq(users.tenantId, invitations.tenantId), eq(users.id, invitations.userId)))
      .innerJoin(tenants, eq(tenants.id, invitations.tenantId))
      .where(and(eq(invitations.tokenHash, hashToken(token)), isOpenInvitation(now), eq(users.status, 'invited'))),
  );
  return found ?? null;
}
