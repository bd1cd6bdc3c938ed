import { and, eq, gt, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { setupLinks, tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { type Origin, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashPassword, passwordProblem } from '@/lib/crypto/password';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';
import { done, refuse } from '@/lib/outcome';
import { insertTenant, slugFrom } from '@/lib/tenants/create';
import { enter } from '@/lib/users/enter';
import { provision } from '@/lib/users/provision';

/** First-run setup. Without a tenant, each start prints a link. Once there is a tenant, however created, all links are dead. */
const LINK_DAYS = 7;

const hasTenant = async (on: Pick<typeof db, 'select'> = db): Promise<boolean> =>
  (await acrossTenants(() => on.select({ id: tenants.id }).from(tenants).limit(1))).length > 0;

/** Null if the product is set up already. */
export async function issueSetupLink(now = new Date()): Promise<string | null> {
  if (await hasTenant()) return null;
  const token = newToken();
  await db.insert(setupLinks).values({
    tokenHash: hashToken(token),
    createdAt: now,
    expiresAt: new Date(now.getTime() + LINK_DAYS * 86_400_000),
  });
  return `${env().APP_URL}/setup?token=${token}`;
}

const isOpen = (token: string, now: Date) =>
  and(eq(setupLinks.tokenHash, hashToken(token)), gt(setupLinks.expiresAt, now));

export async function isSetupOpen(token: string, now = new Date()): Promise<boolean> {
  if (await hasTenant()) return false;
  return (await db.select({ at: setupLinks.createdAt }).from(setupLinks).where(isOpen(token, now))).length > 0;
}

type Setup = {
  token: string;
  tenantName: string;
  email: string;
  firstName: string;
  lastName: string;
  password: string;
};

/** Creates the first tenant and its first Tenant Admin, and signs them in. Of two concurrent requests, one wins. */
export async function setUp(input: Setup, origin: Origin) {
  if (!(await isSetupOpen(input.token))) return refuse('link-dead');
  const problem = passwordProblem(input.password, [input.email, input.tenantName]);
  if (problem) return refuse(problem);
  const passwordHash = await hashPassword(input.password);

  return transaction(async (tx, now) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall:setup'))`);
    if (await hasTenant(tx)) return refuse('link-dead');
    const [link] = await tx.delete(setupLinks).where(isOpen(input.token, now)).returning();
    if (!link) return refuse('link-dead');

    const tenant = await insertTenant(tx, now, { name: input.tenantName, slug: slugFrom(input.tenantName) });
    if (!tenant) throw new Error('A first tenant cannot have a taken slug');
    const { email, firstName, lastName } = input;
    const admin = await provision(tx, now, {
      tenantId: tenant.id,
      email,
      firstName,
      lastName,
      role: 'tenant_admin',
      status: 'active',
      passwordHash,
    });
    if (!admin) throw new Error('A first tenant has nobody yet');
    await record(tx, now, { ...systemActor(tenant.id), origin }, 'user.created', admin, { role: admin.role });
    const session = await enter(tx, now, admin, { method: 'password', expected: true }, origin, null);
    return done({ session });
  });
}
