import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { samlLinks } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import type { User } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { endSessionsWhere } from '@/lib/sessions/revoke';
import { deedOnUser } from '@/lib/users/deed';

const identitiesOf = ({ tenantId, id }: Pick<User, 'tenantId' | 'id'>) =>
  and(eq(samlLinks.tenantId, tenantId), eq(samlLinks.userId, id));

export const hasIdentity = async (user: Pick<User, 'tenantId' | 'id'>): Promise<boolean> =>
  (await db.$count(samlLinks, identitiesOf(user))) > 0;

/** Deletes the links between the person and their NameIDs. Their next SAML sign-in links them again, by address. */
export const unlinkIdentity = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const gone = await tx.delete(samlLinks).where(identitiesOf(user)).returning({ nameId: samlLinks.nameId });
    if (gone.length === 0) return refuse('no-link');
    const opened = and(eq(sessions.tenantId, user.tenantId), eq(sessions.userId, user.id), eq(sessions.method, 'saml'));
    const sessionsEnded = await endSessionsWhere(tx, now, opened, 'saml-off');
    const details = { nameIds: gone.map(({ nameId }) => nameId), sessionsEnded };
    const auditId = await record(tx, now, actor, 'saml.unlinked', user, details);
    return done({ auditId, sessionsEnded });
  });
