import { eq } from 'drizzle-orm';
import { users } from '@/db/schema/users';
import type { Actor, Role } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { guardedDeedOnUser } from './deed';
import { nameOfActor } from './find';
import { countOtherAdmins } from './last-admin';
import { mayChangeRole } from './policy';
import { tell } from './tell';

/** `own`: the actor changed their own role. */
type Changed = { auditId: string | null; own: boolean };

/** Counts from the person's next request: sessions go on, authority is read anew. An unchanged role is done without an entry. */
export const changeRole = (actor: Actor, input: { userId: string; role: Role }) =>
  guardedDeedOnUser(actor, input.userId, async (tx, now, user) => {
    const refusal = mayChangeRole(actor, user, input.role, await countOtherAdmins(user.tenantId, user.id, tx));
    if (refusal) return refuse(refusal);
    const own = actor.kind === 'user' && actor.userId === user.id;
    if (user.role === input.role) return done<Changed>({ auditId: null, own });

    await tx.update(users).set({ role: input.role }).where(eq(users.id, user.id));
    const { name: tenantName } = await findTenant(user.tenantId, tx);
    if (user.status === 'active' && !own)
      await tell(tx, now, user, {
        kind: 'role-changed',
        by: await nameOfActor(tx, actor, tenantName),
        role: input.role,
      });
    const auditId = await record(tx, now, actor, 'user.role-changed', user, { before: user.role, after: input.role });
    return done<Changed>({ auditId, own });
  });
