import { eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { sessions } from '@/db/schema/sessions';
import { type User, users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { asActor, type MachineActor, type Role, type UserActor } from '@/lib/actor';
import { hashPassword } from '@/lib/crypto/password';
import { issueInvitation } from '@/lib/invitations/issue';
import { startSession } from '@/lib/sessions/start';
import { insertTenant } from '@/lib/tenants/create';
import type { Tenant } from '@/lib/tenants/find';
import { provision } from '@/lib/users/provision';

/** The people of the tests. There are always two tenants: the other one is in the room. */
export const PASSWORD = 'violet tractor ninety-one';
let hash: Promise<string> | undefined;
const passwordHash = () => {
  hash ??= hashPassword(PASSWORD);
  return hash;
};

let tenants = 0;
export const FROM_TEST = {
  ip: '192.0.2.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

export async function newTenant(name = 'Acme'): Promise<Tenant> {
  const slug = `${name.toLowerCase()}-${process.pid}-${tenants++}`;
  const tenant = await transaction((tx, now) => insertTenant(tx, now, { slug, name }));
  if (!tenant) throw new Error('the slug was taken');
  return tenant;
}

type Who = { role?: Role; status?: User['status']; password?: boolean };

/** A person of the tenant, active with a password unless said otherwise. */
export async function newUser(
  tenant: Tenant,
  name: string,
  { role = 'standard_user', status = 'active', password = true }: Who = {},
): Promise<User> {
  const first = name.charAt(0).toUpperCase() + name.slice(1);
  const withPassword = status !== 'invited' && password ? await passwordHash() : null;
  return transaction(async (tx, now) => {
    const born = await provision(tx, now, {
      tenantId: tenant.id,
      email: `${name}@${tenant.slug}.example`,
      firstName: first,
      lastName: tenant.name,
      role,
      status,
      passwordHash: withPassword,
    });
    if (!born) throw new Error(`${name} is there already`);
    if (status === 'invited') await issueInvitation(tx, now, operatorOf(tenant), born);
    return born;
  });
}

/** Signs the person in for real: a session row, and its token. */
export const signedIn = async (user: User) => {
  const session = await transaction((tx, now) => startSession(tx, now, user, { method: 'password' }, FROM_TEST));
  return { actor: asActor(user, session.sessionId, FROM_TEST), token: session.token };
};

export const actorOf = async (user: User): Promise<UserActor> => (await signedIn(user)).actor;

/** As if who is signed in in this session had proven it eleven minutes ago. */
export const aged = (sessionId: string) =>
  db
    .update(sessions)
    .set({ authenticatedAt: new Date(Date.now() - 11 * 60_000) })
    .where(eq(sessions.id, sessionId));

/** The operator's shell, acting in the tenant. */
export const operatorOf = ({ id }: { id: string }): MachineActor => ({
  kind: 'cli',
  tenantId: id,
  id: null,
  label: 'test',
  origin: FROM_TEST,
});

export async function cast() {
  const [acme, globex] = [await newTenant('Acme'), await newTenant('Globex')];
  return {
    acme: {
      tenant: acme,
      ada: await newUser(acme, 'ada', { role: 'tenant_admin' }),
      grace: await newUser(acme, 'grace', { role: 'tenant_admin' }),
      sam: await newUser(acme, 'sam'),
      ivy: await newUser(acme, 'ivy', { status: 'invited' }),
      dan: await newUser(acme, 'dan', { status: 'deactivated' }),
    },
    globex: {
      tenant: globex,
      mallory: await newUser(globex, 'mallory', { role: 'tenant_admin' }),
      otto: await newUser(globex, 'otto'),
    },
  };
}

export type Cast = Awaited<ReturnType<typeof cast>>;

/** The row as it stands now. */
export async function reread(user: User): Promise<User> {
  const [row] = await db.select().from(users).where(eq(users.id, user.id));
  if (!row) throw new Error(`${user.email} is gone`);
  return row;
}
