import { randomBytes } from 'node:crypto';
import { and, eq, isNotNull } from 'drizzle-orm';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { encodeSessionCookie, sessionCookieName } from '@/lib/auth/cookie';
import { startSession } from '@/lib/sessions/start';
import { findTenantBySlug } from '@/lib/tenants/find';

/**
 * Opens a session for the first admin of a tenant directly in the database, as a sign-in would. Needs the environment of the
 * measured product. `cookie` is for the product, `limitCookie` for the bare server; both name the same session row.
 */
export async function signInAdmin(slug: string) {
  const tenant = await findTenantBySlug(slug);
  if (!tenant) throw new Error(`There is no tenant “${slug}”.`);
  const [admin] = await db
    .select({ id: users.id, tenantId: users.tenantId, email: users.email })
    .from(users)
    .where(
      and(
        eq(users.tenantId, tenant.id),
        eq(users.role, 'tenant_admin'),
        eq(users.status, 'active'),
        eq(users.mfaEnabled, false),
      ),
    )
    .orderBy(users.emailKey)
    .limit(1);
  if (!admin) throw new Error(`No admin of ${slug}`);
  const origin = { ip: '127.0.0.1', userAgent: 'bench' };
  const { token } = await transaction((tx, now) => startSession(tx, now, admin, { method: 'password' }, origin));
  return {
    admin,
    // Like a browser with scripts, which has set its time zone cookie.
    cookie: `${sessionCookieName()}=${await encodeSessionCookie(token)}; tz=UTC`,
    limitCookie: `limit-session=${token}`,
  };
}

/** Returns a different address at each call, of people who can sign in with only a password (at most 5,000, then again). */
export async function passwordAddresses(tenantId: string): Promise<() => string> {
  const found = await db
    .select({ email: users.email })
    .from(users)
    .where(
      and(
        eq(users.tenantId, tenantId),
        eq(users.status, 'active'),
        eq(users.mfaEnabled, false),
        isNotNull(users.passwordHash),
      ),
    )
    .limit(5_000);
  let n = randomBytes(2).readUInt16BE();
  return () => found[n++ % found.length]?.email ?? '';
}
