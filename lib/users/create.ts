import type { Actor, Role } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashPassword, passwordProblem } from '@/lib/crypto/password';
import { done, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { adminDeed } from './deed';
import { provision } from './provision';

type NewUser = { email: string; firstName: string; lastName: string; role: Role; password: string };

/** Creates an active account without an invitation, for the operator, even if nobody else can sign in. */
export async function createUser(actor: Actor, input: NewUser) {
  const tenant = await findTenant(actor.tenantId);
  const problem = passwordProblem(input.password, [input.email, tenant.name]);
  if (problem) return refuse(problem);
  const { email, firstName, lastName, role } = input;
  const passwordHash = await hashPassword(input.password);

  return adminDeed(actor, async (tx, now) => {
    const user = await provision(tx, now, {
      tenantId: actor.tenantId,
      email,
      firstName,
      lastName,
      role,
      status: 'active',
      passwordHash,
    });
    if (!user) return refuse('address-taken');
    await record(tx, now, actor, 'user.created', user, { role: user.role });
    return done({ user });
  });
}
